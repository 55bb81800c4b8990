import { eventually } from '@streamdb/testkit'
import { message, openRoom, quick, rowsOf, user } from '@streamdb/testkit/rooms'
import { expect, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms))
test.each(['first page read', 'cut in between'])('qa three writes one after the other (%s)', async () => {
  const storage = memoryStorage()
  let cut = false
  const fetch: any = (i: any, o: any) => cut ? Promise.reject(new TypeError('fetch failed')) : globalThis.fetch(i, o)
  const first = await openRoom([user('u1', 'Ada')], { storage, offline: true } as never)
  first.db.close()
  const url = first.url
  const a = await openRoom([], { url, storage, offline: true, streamOptions: { url, fetch }, retry: quick } as never)
  await a.db.preload()
  cut = true
  for (const n of ['1', '2', '3']) { a.db.collections.messages.insert({ id: n, userId: 'u1', text: n, likes: 0 }).when('settled').catch(() => {}); await sleep(80) }
  console.log(a.db.outbox?.get().map((x: any) => [x.txid, x.state.name]))
  await sleep(300)
  const b = await openRoom([], { url, storage, offline: true, streamOptions: { url, fetch }, retry: quick } as never)
  await b.db.preload()
  await sleep(300)
  console.log(b.db.outbox?.get().map((x: any) => [x.txid, x.state.name]), rowsOf(b.db.collections.messages), b.db.pendingWrites.length)
  expect(b.db.pendingWrites.length).toBe(3)
})
