// Runs inside each of the tabs that browser.mjs opens: a database of its own or, with a store, one of all tabs.

import { indexedDBStorage } from './dist/persist.js'
import { endKey } from './lib/end-key.mjs'
import { open } from './subjects/ours.mjs'
import { check } from './workloads/check.mjs'

let collections

/** Loads a log, and follows it. */
export async function load({ url, kind, shares }) {
  const opened = open({ url, kind, live: true, ...(shares && { storage: indexedDBStorage() }) })
  await opened.load()
  await check(opened, url)
  collections = opened.collections
}

/** Whether the last event is visible. */
export function hasEnd() {
  return collections.items.has(endKey)
}
