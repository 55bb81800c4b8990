import { startMeter } from '../lib/meter.mjs'
import { restored } from '../lib/restored.mjs'
import { check } from './check.mjs'
import { firstLoad } from './first-load.mjs'
import { liveRate } from './live.mjs'

/** Where a subject keeps its rows: ours in files, the others nowhere. */
async function storageOf({ subject, directory }) {
  if (subject !== 'ours') return undefined
  const { fileStorage } = await import('../dist/persist-node.js')
  return fileStorage({ directory })
}

/** Reads a log into a store. */
export async function fill({ open, url, kind, ...task }) {
  const opened = open({ url, kind, live: false, storage: await storageOf(task) })
  await opened.load()
  await opened.db.storage.flush()
  opened.close()
  return {}
}

/** Starts with a store: from the creation of the database until its rows are visible; without one, until all is read. */
export async function storedStart({ open, url, kind, ...task }) {
  const storage = await storageOf(task)
  const stop = startMeter()
  const opened = open({ url, kind, live: true, storage })
  const loaded = opened.load()
  await (storage ? restored(opened.db) : loaded)
  const cost = await stop()
  await check(opened, url)
  await loaded
  opened.close()
  return cost
}

/** A first load into a store, until all of it is saved. */
export async function storedLoad({ open, ...task }) {
  const storage = await storageOf(task)
  return firstLoad({ ...task, open: (given) => saving(open({ ...given, storage })) })
}

/** Follows a log with a store. */
export async function storedRate({ open, ...task }) {
  const storage = await storageOf(task)
  return liveRate({ ...task, open: (given) => saving(open({ ...given, storage })) })
}

/** What is not saved yet when a load ends is paid for afterwards: it counts. */
function saving(opened) {
  return {
    ...opened,
    async load() {
      await opened.load()
      await opened.db.storage?.flush()
    },
  }
}
