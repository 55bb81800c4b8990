import { eventually, gate } from '@streamdb/testkit'
import { control, message, plain, publicationsOf, quick, room, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLiveQueryCollection, createStreamDB, eq } from '../src/index.ts'
import type { StreamDB } from '../src/index.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A stream that holds `pages`: the first is there, each of the others comes when `next` is called. */
function openPages(pages: readonly (readonly unknown[])[]) {
  const gates = pages.map(() => gate())
  gates[0]?.open()
  let sent = 1
  const fetchPage: typeof fetch = async (input, init) => {
    const offset = new URL(input instanceof Request ? input.url : input).searchParams.get('offset')
    const index = offset === '-1' || offset === null ? 0 : Number(offset)
    const ended = new Promise<void>((_resolve, reject) =>
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
    )
    await (index < pages.length ? Promise.race([gates[index]?.opened, ended]) : ended)
    return new Response(JSON.stringify(pages[index]), {
      headers: {
        'content-type': 'application/json',
        'stream-next-offset': String(index + 1),
        'stream-up-to-date': 'true',
      },
    })
  }
  const errors: string[] = []
  const db = createStreamDB({
    streamOptions: { url: 'http://streamdb.test/room', fetch: fetchPage },
    state: room,
    live: 'long-poll',
    retry: quick,
    onError: (error) => errors.push(error.message),
  })
  onTestFinished(() => db.close())
  return { db, errors, next: () => gates[sent++]?.open() }
}

const many = 3_000
const both = (from: number, text: string): unknown[] =>
  Array.from({ length: many }, (_, n) => [
    user(`u${from + n}`, `${text} ${from + n}`),
    message(`m${from + n}`, `u${from + n}`, text),
  ]).flat()
const before = both(0, 'old')

/** What comes over the rows that are there, and how many rows of each collection it leaves. */
const changes: readonly (readonly [string, readonly unknown[], number])[] = [
  ['a catch-up', both(many / 2, 'new'), many * 1.5],
  ['a catch-up that deletes', [...both(many, 'new'), ...deletes(many)], many],
  ['a reset', [control('reset'), ...both(many / 2, 'new')], many],
  ['a reset to nothing', [control('reset')], 0],
  ['a snapshot', [control('snapshot-start'), ...both(many / 2, 'new'), control('snapshot-end')], many],
]

function deletes(count: number): unknown[] {
  return Array.from({ length: count }, (_, n) => [
    room.users.delete({ key: `u${n}` }),
    room.messages.delete({ key: `m${n}` }),
  ]).flat()
}

/** Messages with their authors' names. */
function joined(db: StreamDB<Room>) {
  return createLiveQueryCollection((q) =>
    q
      .from({ message: db.collections.messages })
      .leftJoin({ user: db.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
      .select(({ message: m, user: u }) => ({ id: m.id, text: m.text, name: u?.name })),
  )
}

describe('[F-real-59] many changes over rows that are there', { timeout: 30_000 }, () => {
  test.each(changes)(
    '%s: the event loop keeps turning, and it is one publication',
    async (_name, page, size) => {
      const { db, next } = openPages([before, page])
      await db.preload()
      const live = joined(db)
      await live.preload()
      const publications = [publicationsOf(db.collections.users), publicationsOf(db.collections.messages)]
      const torn: unknown[] = []
      live.subscribeChanges(
        (all) => {
          for (const { type, value } of all)
            if (type !== 'delete' && value.name === undefined) torn.push(value)
        },
        { includeInitialState: false },
      )
      const runs = publicationsOf(live)
      next()
      let turns = 0
      while (db.offset !== '2') {
        await nextTurn()
        turns++
      }
      // Thousands of rows are put in by chunks: the event loop turns between some of them.
      expect(turns).toBeGreaterThan(2)
      expect([db.collections.users.size, db.collections.messages.size, live.size]).toEqual([size, size, size])
      expect(publications.map(({ length }) => length)).toEqual([1, 1])
      expect(runs.length).toBe(1)
      expect(torn).toEqual([])
      const late = joined(db)
      await late.preload()
      expect(live.toArray.map(plain)).toEqual(late.toArray.map(plain))
    },
  )

  test.each(changes)(
    '[C1] %s: whoever reads in between sees all of it, or nothing',
    async (_name, page, size) => {
      for (let turns = 0; turns < 12; turns += 3) {
        const { db, next } = openPages([before, page])
        await db.preload()
        next()
        for (let n = 0; n < turns; n++) await nextTurn()
        const sizes = [db.collections.users.size, db.collections.messages.size]
        const text = db.collections.messages.get(`m${many - 1}`)?.text
        if (sizes[0] === many && text === 'old') expect(sizes).toEqual([many, many])
        else expect(sizes).toEqual([size, size])
        db.close()
      }
    },
  )

  test('[W1] a write in between is above all of it, and goes on', async () => {
    const { db, next } = openPages([before, both(many / 2, 'new')])
    await db.preload()
    const live = joined(db)
    await live.preload()
    next()
    for (let n = 0; n < 3; n++) await nextTurn()
    db.collections.messages.update('m7', (draft) => void (draft.text = 'mine'))
    expect(db.collections.messages.get('m7')?.text).toBe('mine')
    await eventually(() => expect(db.offset).toBe('2'), { timeout: 10_000 })
    expect(live.toArray.find(({ id }) => id === 'm7')?.text).toBe('mine')
    expect(live.size).toBe(many * 1.5)
  })

  test('[L1] closed in between: what is shown is whole', async () => {
    for (let turns = 0; turns < 12; turns += 3) {
      const { db, next } = openPages([before, [control('reset'), ...both(many, 'new')]])
      await db.preload()
      const live = joined(db)
      await live.preload()
      next()
      for (let n = 0; n < turns; n++) await nextTurn()
      db.close()
      const texts = new Set(db.collections.messages.map((row) => row.text))
      expect([texts.size, db.collections.messages.size, db.collections.users.size]).toEqual([1, many, many])
      expect(new Set(live.toArray.map(({ text }) => text))).toEqual(texts)
      expect(live.toArray.filter(({ name }) => name === undefined)).toEqual([])
    }
  })
})
