import { materialize } from '@streamdb/log'
import { compactStream } from '@streamdb/server'
import { eventually, logOf } from '@streamdb/testkit'
import { roomServer, user } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'
import { append, restorable, startRestorableServer } from './restorable-server.ts'
import type { Client, RestorableServer } from './restorable-server.ts'

// What docs/deploy.md says of backups: the files of a server are put back to an older copy, and its clients live on.

test.each(restorable)(
  '[DP1] [DP2] [DP3] %s, put back to an older copy, behind its clients or written on past them: all end with its rows, their unsent writes are sent, and those that are lost are told of',
  async (engine) => {
    const server = await startRestorableServer(engine)
    onTestFinished(() => server.stop())
    const stories = await Promise.all([createStory(server, 'behind', 0), createStory(server, 'past', 30)])
    await server.backUp()
    await Promise.all(stories.map((story) => story.goOn()))
    await server.restore(async () => void (await Promise.all(stories.map((story) => story.write()))))
    await Promise.all(stories.map((story) => story.check()))
  },
)

/** What happens on one stream. */
interface Story {
  /** More is written, which the copy has not. */
  goOn(): Promise<void>
  /** Clients write while they cannot reach the server, and others `written` events to it. */
  write(): Promise<void>
  check(): Promise<void>
}

async function createStory(server: RestorableServer, name: string, written: number): Promise<Story> {
  const url = await server.createStream(name)
  await append(url, user('u1'), user('u2'))
  const [storage, left] = [memoryStorage(), memoryStorage()]
  // Live; with an outbox and a store; one that leaves before, and whose store is what comes back.
  const live = server.open(url)
  const kept = server.open(url, { storage, offline: true })
  const leaving = server.open(url, { storage: left })
  await Promise.all([live, kept, leaving].map(({ db }) => db.preload()))
  await sayAll(live, ['a1', 'a2'])
  await sayAll(kept, ['b1', 'b2'])
  // Snapshots elsewhere: they are not put back.
  const index = await (await roomServer()).createStream()
  const waiting: Promise<unknown>[] = []
  return {
    async goOn() {
      await sayAll(live, ['a3', 'a4'])
      await sayAll(kept, ['b3', 'b4'])
      await append(url, user('u3'))
      await eventually(() => {
        for (const { db } of [live, kept, leaving]) expect(db.collections.users.size).toBe(3)
      })
      await Promise.all([kept.db.storage?.flush(), leaving.db.storage?.flush()])
      leaving.db.close()
      expect(await compactStream({ source: url, index })).toMatchObject({ type: 'written' })
    },
    async write() {
      waiting.push(live.say('a5'), kept.say('b5'))
      if (written > 0) await append(url, ...Array.from({ length: written }, (_, n) => user(`n${n}`)))
    },
    async check() {
      await Promise.all(waiting)
      const newcomer = server.open(url, { snapshots: { index } })
      const returned = server.open(url, { storage: left })
      const all = [live, kept, newcomer, returned]
      await Promise.all(all.map(({ db }) => db.preload()))
      // The compactor finds a snapshot that is none of this log.
      expect(await compactStream({ source: url, index })).toMatchObject({ type: 'written' })
      const log = await logOf(url)
      const keysOf = (type: string): string[] =>
        log.flatMap((event) => (event.type === type ? event.key : [])).sort()
      // Each once: what was sent before the copy, and what was not sent.
      expect(keysOf('message')).toEqual(['a1', 'a2', 'a5', 'b1', 'b2', 'b5'])
      expect(keysOf('user').length).toBe(2 + written)
      await eventually(() => {
        for (const { db } of all) {
          expect(db.status.name).toBe('live')
          expect([...db.collections.messages.keys()].sort()).toEqual(keysOf('message'))
          expect([...db.collections.users.keys()].sort()).toEqual(keysOf('user'))
        }
      })
      const compacted = await materialize({ url, snapshots: { index } })
      expect([...compacted.state.getType('user').keys()].sort()).toEqual(keysOf('user'))
      expect(live.errors).toEqual(['write-lost a3', 'write-lost a4'])
      expect(kept.errors).toEqual(['write-lost b3', 'write-lost b4'])
      expect([...newcomer.errors, ...returned.errors]).toEqual([])
    },
  }
}

async function sayAll(client: Client, ids: readonly string[]): Promise<void> {
  for (const id of ids) await client.say(id)
}
