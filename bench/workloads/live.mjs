import { endKey } from '../lib/logs.mjs'
import { sleep, startMeter, usedHeap } from '../lib/meter.mjs'
import { profiled } from '../lib/profiled.mjs'
import { quantile } from '../lib/stats.mjs'
import { queries } from './queries.mjs'

/** Follows a loaded log under a live query; measures from a batch's arrival in the layer to the query's callback. */
export async function liveLatency({ open, url, kind, query, feed, apart = false, profileTo }) {
  let arrived = 0
  const waits = []
  const db = open({ url, kind, live: 'sse', onBeforeBatch: () => void (arrived = performance.now()) })
  await db.load()
  const result = queries[query](db.collections)
  await result.preload()
  result.subscribeChanges(() => void waits.push(performance.now() - arrived))
  await profiled(profileTo, () => follow(db, url, feed))
  db.close()
  // The first few are the compiler's.
  const steady = waits.slice(Math.floor(waits.length / 10))
  // What came as one batch is no latency of an event. On a machine that is busy with all workloads at once it may.
  if (waits.length < (apart ? feed.count / 2 : 1)) {
    throw new Error(`only ${waits.length} of ${feed.count} events were seen by themselves`)
  }
  return { p50: quantile(steady, 0.5) * 1000, p99: quantile(steady, 0.99) * 1000 }
}

/** Follows a loaded log under a live query as fast as it is fed; counts events a second. */
export async function liveRate({ open, url, kind, query, feed, profileTo }) {
  const db = open({ url, kind, live: 'sse' })
  await db.load()
  const result = queries[query](db.collections)
  await result.preload()
  result.subscribeChanges(() => undefined)
  const stop = startMeter()
  const wall = await profiled(profileTo, () => follow(db, url, feed))
  const cost = await stop()
  db.close()
  return { ...cost, wall, rate: feed.count / wall }
}

/** Follows transactions, and weighs the heap before and after as many again. */
export async function txidMemory({ open, url, kind, feed }) {
  const db = open({ url, kind, live: 'sse' })
  await db.load()
  const before = await usedHeap()
  await follow(db, url, feed)
  const txid = ((await usedHeap()) - before) / feed.count
  db.close()
  return { txid: Math.max(0, txid) }
}

/** Has the server append, and resolves when the last event is visible: in seconds since the first was sent. */
async function follow({ collections }, url, feed) {
  const sent = await fetch(`${url}/feed?${new URLSearchParams(feed)}`, { method: 'POST' })
  await sent.text()
  const began = performance.now()
  // Not a subscription: that would have a price of its own.
  while (!collections.items.has(endKey)) {
    if (performance.now() - began > 120_000) throw new Error('the last event was never seen')
    await sleep(2)
  }
  return (performance.now() - began) / 1000
}
