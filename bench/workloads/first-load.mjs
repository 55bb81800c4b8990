import { startMeter, usedHeap } from '../lib/meter.mjs'
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
  return { ...cost, ...weight, ...(bare && { bare }) }
}

/** Throws unless every row of the log is there, and no other; returns how many there are. */
export async function check(db, url) {
  const facts = await (await fetch(new URL('/facts', url))).json()
  const found = Object.values(db.collections).map((collection) => collection.size)
  const expected = Object.values(facts.rows)
  if (sorted(found) !== sorted(expected)) {
    throw new Error(`expected collections of ${sorted(expected)} rows and found ${sorted(found)}`)
  }
  return found.reduce((sum, size) => sum + size, 0)
}

const sorted = (sizes) => [...sizes].sort((a, b) => a - b).join(', ')
