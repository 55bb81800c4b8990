import { fork } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { sleep } from '../lib/meter.mjs'
import { quantile } from '../lib/stats.mjs'
import { now, usageOf } from '../lib/usage.mjs'

/** How many readers a process has at most. */
const READERS_A_PROCESS = 2500
/** How long nothing may arrive before what is not there is missing, in milliseconds. */
const PATIENCE = 5000
/** How long all readers may take to be live, in milliseconds. */
const OPENING = 180_000

/**
 * What is measured. `urls`: of the stream, among which the readers' processes are divided. `rate`: events a second. `seconds`: for how long they are appended. `idle`: how long the readers stand
 * still before, in seconds.
 * @typedef {{ urls: readonly string[], pids: readonly number[], kind: 'log' | 'db' | 'fetch', readers: number, rate: number,
 *   seconds: number, idle: number, live?: true | 'sse' | 'long-poll' }} Task
 *
 * What was found. Delays in milliseconds, from the append's start to the reader. `missing`: deliveries that never came.
 * `clientCpu` and `serverCpu`: microseconds a delivery; idle: milliseconds a second for a thousand readers. `clientMemory`
 * and `serverMemory`: kilobytes a reader. `busy`: the share of one core that all processes together took.
 * @typedef {{ readers: number, rate: number, opening: number, p50: number, p99: number, expected: number, missing: number,
 *   repeated: number, breaks: number, restarts: number, failures: number, clientCpu: number, serverCpu: number,
 *   clientIdle?: number, serverIdle?: number, clientMemory: number, serverMemory: number, busy: number }} Found
 */

/**
 * Opens readers on a new stream in processes of their own, appends events and counts what arrives.
 * @param {Task} task
 * @returns {Promise<Found>}
 */
export async function measureFanout({ urls, pids, kind, readers, rate, seconds, idle, live = true }) {
  const [url] = urls
  await create(url)
  let n = 0
  await append(url, n++)
  const serverBefore = usageOf(pids)
  const openedAt = performance.now()
  const group = new ReaderGroup({ urls, kind, live }, readers)
  try {
    const opened = await group.all('open', OPENING).catch(async (error) => {
      group.tell({ type: 'count' })
      const live = sum(await group.all('counted'), 'live')
      throw new Error(`${live} of them were live after ${OPENING / 1000} s`, { cause: error })
    })
    const opening = (performance.now() - openedAt) / 1000
    const serverMemory = usageOf(pids).memory - serverBefore.memory
    const clientMemory = sum(opened, 'memory')

    const quiet = idle > 0 ? await measureIdle(group, pids, readers, n, idle) : {}

    group.tell({ type: 'begin', first: n })
    await group.all('begun')
    const before = usageOf(pids)
    const own = process.cpuUsage()
    const began = performance.now()
    const events = Math.max(2, Math.round(rate * seconds))
    for (let index = 0; index < events; index++) {
      await sleep(Math.max(0, began + (index * 1000) / rate - performance.now()))
      await append(url, n++)
    }
    const appending = (performance.now() - began) / 1000
    const expected = events * readers
    await group.quiet(expected)
    const wall = (performance.now() - began) / 1000
    const server = usageOf(pids).cpu - before.cpu
    const { user, system } = process.cpuUsage(own)
    group.tell({ type: 'end' })
    const ended = await group.all('ended')
    const received = sum(ended, 'received')
    const clients = sum(ended, 'cpu')
    const delays = Float64Array.from(ended.flatMap(({ delays: some }) => [...some]))
    return {
      readers,
      rate: (events - 1) / Math.max(appending, (events - 1) / rate),
      opening,
      p50: quantile(delays, 0.5),
      p99: quantile(delays, 0.99),
      expected,
      missing: expected - received,
      repeated: sum(ended, 'repeated'),
      breaks: sum(ended, 'breaks'),
      restarts: sum(ended, 'restarts'),
      failures: sum(ended, 'failures'),
      clientCpu: (clients / received) * 1e6,
      serverCpu: (server / received) * 1e6,
      clientMemory: (clientMemory / readers) * 1024,
      serverMemory: (serverMemory / readers) * 1024,
      busy: (clients + server + (user + system) / 1e6) / wall,
      ...quiet,
    }
  } finally {
    group.stop()
  }
}

async function measureIdle(group, pids, readers, first, idle) {
  group.tell({ type: 'begin', first })
  await group.all('begun')
  const before = usageOf(pids)
  await sleep(idle * 1000)
  const server = usageOf(pids).cpu - before.cpu
  group.tell({ type: 'begin', first })
  const clients = sum(await group.all('begun'), 'cpu')
  const each = (cpu) => ((cpu / idle) * 1e6) / readers
  return { clientIdle: each(clients), serverIdle: each(server) }
}

/** The processes of the readers. */
class ReaderGroup {
  #processes
  /** What the processes have said and nobody has taken yet. */
  #messages = []
  #heard = () => undefined

  constructor({ urls, ...task }, readers) {
    const count = Math.ceil(readers / READERS_A_PROCESS)
    this.#processes = Array.from({ length: count }, (_, index) => {
      // As many a process as even as it gets.
      const share = Math.floor((readers * (index + 1)) / count) - Math.floor((readers * index) / count)
      const child = fork(
        fileURLToPath(new URL('readers.mjs', import.meta.url)),
        [JSON.stringify({ ...task, url: urls[index % urls.length], count: share })],
        {
          env: { ...process.env, NODE_ENV: 'production' },
          execArgv: ['--expose-gc'],
          // Delays travel as numbers, not as text.
          serialization: 'advanced',
        },
      )
      child.on('message', (message) => this.#hear({ child, ...message }))
      child.on('exit', (code, signal) => this.#hear({ child, type: 'exit', reason: signal ?? code }))
      return child
    })
  }

  tell(message) {
    for (const child of this.#processes) child.send(message)
  }

  /** Resolves with one message of a type of every process. */
  async all(type, patience = 60_000) {
    const until = performance.now() + patience
    for (;;) {
      const found = this.#processes.map((child) =>
        this.#messages.find((message) => message.child === child && message.type === type),
      )
      if (found.every((message) => message !== undefined)) {
        this.#messages = this.#messages.filter((message) => !found.includes(message))
        return found
      }
      const gone = this.#messages.find((message) => message.type === 'exit')
      if (gone !== undefined) throw new Error(`Readers ended with ${gone.reason}, before "${type}"`)
      if (performance.now() > until)
        throw new Error(`Readers did not come to "${type}" within ${patience / 1000} s`)
      await Promise.race([new Promise((resolve) => (this.#heard = resolve)), sleep(1000)])
    }
  }

  /** Resolves when all deliveries came, or none for a while. */
  async quiet(expected) {
    let before = -1
    let since = performance.now()
    for (;;) {
      this.tell({ type: 'count' })
      const received = sum(await this.all('counted'), 'received')
      if (received >= expected) return
      if (received !== before) since = performance.now()
      else if (performance.now() - since > PATIENCE) return
      before = received
      await sleep(100)
    }
  }

  stop() {
    for (const child of this.#processes) child.kill('SIGKILL')
  }

  #hear(message) {
    this.#messages.push(message)
    this.#heard()
  }
}

async function create(url) {
  // A cluster that has just begun may have no leader for the stream yet.
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' } })
    await response.text()
    if (response.ok) return
    if (attempt === 50) throw new Error(`The stream could not be created: ${response.status}`)
    await sleep(100)
  }
}

/** Appends one event that says when its append began. */
async function append(url, n) {
  const id = `tick-${n % 100}`
  const value = { id, n, sentAt: now(), text: 'some text of the length of a short message, as chats have' }
  const event = { type: 'tick', key: id, value, headers: { operation: 'upsert' } }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  if (!response.ok) throw new Error(`An append was refused: ${response.status} ${await response.text()}`)
  await response.arrayBuffer()
}

const sum = (all, name) => all.reduce((total, each) => total + each[name], 0)
