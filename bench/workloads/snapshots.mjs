import { startMeter } from '../lib/meter.mjs'
import { check } from './check.mjs'

const indexOf = (beside) => `${beside}/log.snapshots`

/** Writes a snapshot of the log. */
export async function compact({ url, beside }) {
  const { compactStream } = await import('../dist/server.js')
  const { type } = await compactStream({ source: url, index: indexOf(beside) })
  if (type !== 'written') throw new Error(`no snapshot was written: ${type}`)
  return {}
}

/** Loads a log from its snapshot or, without, from its beginning; `bytes` of what was read. */
export async function snapshotStart({ open, subject, url, kind, beside }) {
  // The published layer knows of no snapshots, and reads the whole log.
  const isWithout = subject === 'without' || subject === 'published'
  const snapshots = isWithout ? undefined : { index: indexOf(beside) }
  const stop = startMeter()
  const opened = open({ url, kind, live: true, snapshots })
  await opened.load()
  const cost = await stop()
  await check(opened, url)
  opened.close()
  const { bytes } = await (await fetch(new URL('/facts', url))).json()
  return { ...cost, bytes: (snapshots ? await snapshotBytes(beside) : bytes) / 1e6 }
}

async function snapshotBytes(beside) {
  const index = await (await fetch(`${indexOf(beside)}?offset=-1`)).text()
  const sizes = JSON.parse(index).flatMap(({ value }) => (value?.bytes === undefined ? [] : [value.bytes]))
  return index.length + Math.max(...sizes)
}
