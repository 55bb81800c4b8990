import { openRoom, quick, user } from '@streamdb/testkit/rooms'
import { eventually } from '@streamdb/testkit'
import { memoryStorage } from '@streamdb/persist'
import { expect, test } from 'vitest'
import { compactStream } from '../src/index.ts'
import { startPagedServer } from './paged-server.ts'

test('[N21] stored rows come first, and no snapshot is read; where the log was cut meanwhile, the newest one is', async () => {
  const server = await startPagedServer()
  const url = server.create('/log', [user('u1')], [user('u2')])
  await compactStream({ source: url })
  const options = { url, storage: memoryStorage(), retry: quick, snapshots: true, live: 'long-poll' } as const
  const readsOfSnapshots = (): number =>
    server.requests.filter(({ path, method }) => path.startsWith('/log.snapshots.') && method === 'GET')
      .length

  const first = await openRoom([], options)
  await first.db.preload()
  await eventually(async () => expect((await first.db.storage?.size())?.rows).toBe(2))
  expect(readsOfSnapshots()).toBe(1)
  first.db.close()

  server.append('/log', user('u3'))
  const second = await openRoom([], options)
  await second.db.preload()
  expect(second.db.collections.users.size).toBe(3)
  expect(readsOfSnapshots()).toBe(1)
  await eventually(async () => expect((await second.db.storage?.size())?.rows).toBe(3))
  second.db.close()

  // Deleted, compacted and cut while nobody was there.
  server.append('/log', { type: 'user', key: 'u1', headers: { operation: 'delete' } })
  server.append('/log', user('u4'))
  await compactStream({ source: url })
  server.trim('/log', 5)
  const before = readsOfSnapshots()
  const third = await openRoom([], options)
  await third.db.preload()
  expect(third.db.collections.users.toArray.map(({ id }) => id).sort()).toEqual(['u2', 'u3', 'u4'])
  expect(readsOfSnapshots()).toBeGreaterThan(before)
})
