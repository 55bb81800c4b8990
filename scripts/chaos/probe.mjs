import { readPage, request } from './raw-log.mjs'

/**
 * How long one request may take, in milliseconds, and how many appends may be under way. Of a cluster the next request may find
 * another node, whatever became of those before. A single server works off what it was sent also where nobody waits any more: a
 * slow one, asked ten times a second all the same, would never come to the end of that.
 */
const pace = {
  cluster: { timeout: 1_000, mostAppends: Infinity },
  one: { timeout: 5_000, mostAppends: 3 },
}
/** Every how many milliseconds a request is begun. */
const every = 100
/** How long the last append is tried once everything is healed, in milliseconds. */
const lastPatience = 90_000

/**
 * Asks the cluster itself, by plain HTTP on the same stream: appends a numbered event every 100 ms, and reads behind the last
 * offset as often. What these two are kept waiting for is the cluster's own failover.
 * @param {string} url
 * @param {{ readonly isCluster: boolean }} servers
 */
export function startProbe(url, { isCluster }) {
  const { timeout, mostAppends } = isCluster ? pace.cluster : pace.one
  /** @type {{ n: number, begun: number, stored: number }[]} */
  const appends = []
  /** @type {[time: number, n: number][]} */
  const reads = []
  let n = 0
  let isStopped = false
  let offset = 'now'
  let newest = 0
  let underWay = 0

  /**
   * @param {number} number
   * @param {number} patience
   */
  async function append(number, patience = timeout) {
    const value = { id: 'probe', n: number }
    const event = {
      type: 'probe',
      key: 'probe',
      value,
      headers: { operation: 'upsert', txid: `probe-${number}` },
    }
    const begun = Date.now()
    underWay++
    try {
      const { status } = await request(
        url,
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) },
        patience,
      )
      if (status < 300) appends.push({ n: number, begun, stored: Date.now() })
      return status < 300
    } catch {
      return false
    } finally {
      underWay--
    }
  }

  async function read() {
    try {
      const page = await readPage(url, offset, timeout)
      // Events that a page cuts in two are another page's.
      if (page.rest === '') offset = page.next
      const numbers = page.events.filter(({ type }) => type === 'probe').map(({ value }) => value.n)
      const last = Math.max(newest, ...numbers)
      if (last > newest) reads.push([Date.now(), last])
      newest = last
    } catch {
      // The next one tells.
    }
  }

  const appending = setInterval(() => {
    if (!isStopped && underWay < mostAppends) void append(++n)
  }, every)
  const reading = setInterval(() => void (isStopped || readOnce()), every)
  let isReading = false
  // One at a time: two would both move the offset.
  async function readOnce() {
    if (isReading) return
    isReading = true
    await read()
    isReading = false
  }
  return {
    appends,
    reads,
    /**
     * Ends the probe with one more event. Resolves with the number of the last one that is stored for certain, and with whether
     * the server took this one: healed servers do.
     */
    async stop() {
      isStopped = true
      clearInterval(appending)
      clearInterval(reading)
      await new Promise((resolve) => setTimeout(resolve, timeout))
      for (const until = Date.now() + lastPatience; Date.now() < until;) {
        if (await append(++n, 30_000)) return { last: n, isTaken: true }
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      return { last: Math.max(0, ...appends.map((each) => each.n)), isTaken: false }
    },
  }
}
