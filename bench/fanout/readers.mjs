// Some of the readers of a fan-out, in one process: opens them, says when all are live, and counts what they get.

import { now } from '../lib/usage.mjs'
import { sleep } from '../lib/meter.mjs'
import { openers } from './openers.mjs'

const { url, kind, count, live } = JSON.parse(process.argv[2] ?? '{}')
/** How many readers are opening at a time: what is measured is fan-out, not a rush. */
const OPENING = 50

const counts = { received: 0, repeated: 0, breaks: 0, restarts: 0, failures: 0 }
const readers = []
/** Of the events since `begin`, in milliseconds. */
let delays = []
/** When counting began, and with which event. */
let began = { cpu: process.cpuUsage(), first: 0 }

/** A reader of the log: takes events in, and counts. */
class Counter {
  #last = -1

  /** Takes the `n` of an event in, and when its append began. */
  take(n, sentAt) {
    if (n <= this.#last) {
      counts.repeated++
      return
    }
    this.#last = n
    if (n < began.first) return
    counts.received++
    delays.push(now() - sentAt)
  }
}

process.on('message', ({ type, first }) => {
  const { user, system } = process.cpuUsage(began.cpu)
  const cpu = (user + system) / 1e6
  if (type === 'begin') {
    began = { cpu: process.cpuUsage(), first }
    delays = []
    for (const name of Object.keys(counts)) counts[name] = 0
    process.send?.({ type: 'begun', cpu })
  } else if (type === 'count') {
    process.send?.({ type: 'counted', received: counts.received, live: readers.length })
  } else {
    process.send?.({ type: 'ended', cpu, ...counts, delays: Float64Array.from(delays) }, () => process.exit())
  }
})
process.on('disconnect', () => process.exit())

const openOne = () => openers[kind]({ url, live, counter: new Counter(), counts })
// What the libraries take, and the first connection, is not a reader's.
const first = await openOne()
first.close()
const before = await resident()
while (readers.length < count) {
  const some = Array.from({ length: Math.min(OPENING, count - readers.length) }, openOne)
  readers.push(...(await Promise.all(some)))
}
process.send?.({ type: 'open', memory: (await resident()) - before })

/** Megabytes of memory that the process has in use, garbage collected. */
async function resident() {
  for (let round = 0; round < 3; round++) {
    await sleep(20)
    globalThis.gc?.()
  }
  return process.memoryUsage.rss() / 2 ** 20
}
