// Runs inside the pages that browser.mjs opens: a start with rows in IndexedDB or, where nothing is stored, a replay.

import { indexedDBStorage } from './dist/persist.js'
import { restored } from './lib/restored.mjs'
import { check } from './workloads/check.mjs'

const storageOf = (isStored) => (isStored ? { storage: indexedDBStorage() } : {})

/** Stores what a log makes. */
export async function fill({ open, isStored, url, kind }) {
  if (!isStored) return
  const opened = open({ url, kind, live: true, ...storageOf(isStored) })
  await opened.load()
  await opened.db.storage.flush()
}

/** From the creation of the database until its rows are visible, in seconds. */
export async function start({ open, isStored, url, kind }) {
  const began = performance.now()
  const opened = open({ url, kind, live: true, ...storageOf(isStored) })
  const loaded = opened.load()
  await (isStored ? restored(opened.db) : loaded)
  const wall = (performance.now() - began) / 1000
  await check(opened, url)
  return { wall }
}
