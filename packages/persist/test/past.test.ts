import { openRoom, roomServer, user } from '@streamdb/testkit/rooms'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'

afterAll(async () => (await roomServer()).stop())

test('[H6] db.at begins with the rows that the database has, be they stored, and reads what is before when it is asked for', async () => {
  const storage = memoryStorage()
  const { db: first, url } = await openRoom([user('u1', 'Ada')], { storage })
  await first.preload()
  await first.collections.users.insert({ id: 'u2', name: 'Bo' }).when('settled')
  await first.storage?.flush()
  first.close()

  const requests: string[] = []
  const counting: typeof fetch = (input, init) => {
    requests.push(String(input instanceof Request ? input.url : input))
    return fetch(input, init)
  }
  const { db, append } = await openRoom([], { url, storage, streamOptions: { url, fetch: counting } })
  await db.preload()
  const past = db.at(db.checkpoint.offset)
  onTestFinished(() => past.close())
  await past.preload()
  const { users } = past.collections
  expect([...users.keys()].sort()).toEqual(['u1', 'u2'])
  const offset = await append(user('u3', 'Cy'))
  await past.moveTo(offset)
  expect(users.size).toBe(3)
  const fromBeginning = (): number => requests.filter((each) => each.includes('offset=-1')).length
  expect(fromBeginning()).toBe(0)
  await past.step(-2)
  expect([...users.keys()]).toEqual(['u1'])
  expect(fromBeginning()).toBeGreaterThan(0)
  await past.step(2)
  expect(users.size).toBe(3)
})
