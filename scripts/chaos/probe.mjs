import { readPage, request } from './raw-log.mjs'

/** How long one request may take, in milliseconds: the next one may find another server. */
const timeout = 1_000
/** Every how many milliseconds a request is begun. */
const every = 100

/**
 * Asks the cluster itself, by plain HTTP on the same stream: appends a numbered event every 100 ms, and reads behind the last
 * offset as often. What these two are kept waiting for is the cluster's own failover.
 * @param {string} url
 */
export function startProbe(url) {
  /** @type {{ n: number, begun: number, stored: number }[]} */
  const appends = []
  /** @type {[time: number, n: number][]} */
  const reads = []
  let n = 0
  let isStopped = false
  let offset = 'now'
  let newest = 0

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

  const appending = setInterval(() => void (isStopped || append(++n)), every)
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
    /** Ends the probe with one more event that is stored for certain; resolves with its number. */
    async stop() {
      isStopped = true
      clearInterval(appending)
      clearInterval(reading)
      await new Promise((resolve) => setTimeout(resolve, timeout))
      const until = Date.now() + 90_000
      while (!(await append(++n, 30_000))) {
        if (Date.now() > until) throw new Error(`${url} takes no events, long after everything was healed`)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      return n
    },
  }
}
