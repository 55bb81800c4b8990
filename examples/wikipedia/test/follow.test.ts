import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { followStreams } from '../src/follow.ts'
import { TestReader } from './changes.ts'

afterEach(() => vi.unstubAllGlobals())

test('[Y2] a page follows its stream to the next one, and to the newest one when its own is gone', async () => {
  const keep = 100
  const options = { url: 'http://127.0.0.1:1/', keep, maxBytes: 1, grace: 60_000 }
  const reader = await TestReader.start({ origin: 'synthetic', speed: 500 }, options)
  const { fetch } = globalThis
  vi.stubGlobal('location', { href: reader.server.url })
  vi.stubGlobal('fetch', async (...[input, init]: Parameters<typeof fetch>) => {
    if (input !== '/wikipedia.json') return fetch(input, init)
    const { pathname } = new URL(reader.url)
    return Response.json({ stream: pathname, source: options.url, keep, speeds: [10] })
  })

  const gone = await reader.server.createStream('/stream/changes-gone')
  let shown = openDatabase(gone)
  onTestFinished(() => shown.close())
  await shown.preload()
  const next = async (start: () => unknown): Promise<Database> => {
    let unfollow: () => void = () => {}
    const opened = new Promise<Database>((resolve) => (unfollow = followStreams(shown, resolve)))
    await start()
    const db = await opened
    unfollow()
    shown.close()
    shown = db
    // Its rows are there when it is shown.
    expect(db.collections.changes.size).toBeGreaterThan(0)
    expect(db.collections.changes.size).toBeLessThanOrEqual(keep)
    return db
  }
  const newest = await next(async () => reader.server.deleteStream(gone))
  const last = Math.max(...newest.collections.changes.toArray.map(({ position }) => position))
  const following = await next(() => undefined)
  expect(following.stream.url).not.toBe(newest.stream.url)
  // The next stream begins with the rows of the one before.
  const positions = following.collections.changes.toArray.map(({ position }) => position)
  expect(Math.max(...positions)).toBeGreaterThanOrEqual(last)
})
