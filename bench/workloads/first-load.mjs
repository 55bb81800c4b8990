import { startMeter, usedHeap } from '../lib/meter.mjs'
import { check } from './check.mjs'
import { queries } from './queries.mjs'

/** Loads a log: from the creation of the database until all is visible. */
export async function firstLoad({ open, url, kind, query, syncMode, weigh = false }) {
  const before = weigh ? await usedHeap() : 0
  const stop = startMeter()
  const db = open({ url, kind, live: true, syncMode })
  const window = query && queries[query](db.collections)
  window?.subscribeChanges(() => undefined)
  await db.load()
  await window?.preload()
  const cost = await stop()
  const rows = await check(db, url)
  const bare = db.cost?.()
  const weight = weigh ? { row: ((await usedHeap()) - before) / rows } : {}
  db.close()
  return { ...cost, ms: cost.wall * 1000, ...weight, ...(bare && { bare }) }
}

/** Mounts a query over a loaded log: from its creation until its rows are there. */
export async function mountQuery({ open, url, kind, query, syncMode }) {
  const db = open({ url, kind, live: true, syncMode })
  await db.load()
  const stop = startMeter()
  const began = performance.now()
  const result = queries[query](db.collections)
  result.subscribeChanges(() => undefined)
  await result.preload()
  const mount = performance.now() - began
  const cost = await stop()
  if (result.size === 0) throw new Error('the query has no rows')
  await check(db, url)
  db.close()
  return { ...cost, mount }
}
