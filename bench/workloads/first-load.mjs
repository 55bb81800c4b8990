import { startMeter, usedHeap } from '../lib/meter.mjs'
import { check } from './check.mjs'
import { queries } from './queries.mjs'

/** Loads a log: from the creation of the database until all is visible. */
export async function firstLoad({ open, url, kind, query, weigh = false }) {
  const before = weigh ? await usedHeap() : 0
  const stop = startMeter()
  const db = open({ url, kind, live: true })
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
