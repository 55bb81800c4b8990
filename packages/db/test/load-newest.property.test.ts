import fc from 'fast-check'
import { compactStream } from '@streamdb/server'
import type { StateEvent } from '@streamdb/state'
import { eventually, oracle } from '@streamdb/testkit'
import { control, message, room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import { afterAll, expect, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'

afterAll(async () => (await roomServer()).stop())

const key = fc.nat({ max: 40 })
const change = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(key, fc.nat({ max: 9 }))
      .map(([id, text]) => [message(`m${id}`, `u${id % 4}`, `${text}`)]),
  },
  { weight: 2, arbitrary: key.map((id) => [room.messages.delete({ key: `m${id}` })]) },
  { weight: 1, arbitrary: fc.nat({ max: 3 }).map((id) => [user(`u${id}`)]) },
)
const replacement = fc.oneof(
  fc.constant([control('reset')]),
  change.map((events) => [control('snapshot-start'), ...events, control('snapshot-end')]),
  fc.constant([control('snapshot-start')]),
)
/** What is done while rows are missing. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }).map((all) => ({ append: all.flat() })),
  },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 12 }).map((rows) => ({ load: rows })) },
  { weight: 1, arbitrary: replacement.map((events) => ({ append: events })) },
)

test('[R2] whatever is appended meanwhile, visible rows are right at each moment, and all are there at the end', async () => {
  const kit = await roomServer()
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 20, maxLength: 80 }),
      fc.array(change, { maxLength: 6 }),
      fc.array(step, { maxLength: 8 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('background' as const, 'on-request' as const),
      async (before, behind, steps, last, rest) => {
        const log: unknown[] = before.flat()
        const url = await kit.createStream(undefined, { items: log })
        await compactStream({ source: url, maxBody: 500, pageRows: 4 })
        // How much of the log lies before an offset.
        const lengths = new Map<string, number>()
        const append = async (items: readonly unknown[]): Promise<void> => {
          if (items.length === 0) return
          log.push(...items)
          const length = log.length
          lengths.set(await kit.appendItems(url, items), length)
        }
        const { headers } = await fetch(url, { method: 'HEAD' })
        lengths.set(headers.get('stream-next-offset') ?? '', log.length)
        await append(behind.flat())

        const load = { last, of: 'message', rest }
        const db = createStreamDB({ streamOptions: { url }, state: room, load })
        const check = (isWhole: boolean): void => {
          const length = lengths.get(db.offset)
          // An append whose answer is on its way.
          if (length === undefined) return
          const state = oracle(log.slice(0, length) as StateEvent[])
          const rows = (type: string) => Object.fromEntries(state.get(type) ?? [])
          expect(rowsOf(db.collections.users)).toEqual(rows('user'))
          const messages = rowsOf(db.collections.messages)
          const right = Object.fromEntries(
            Object.entries(rows('message')).map(([id, row]) => [id, { likes: 0, ...(row as object) }]),
          )
          expect(isWhole ? right : { ...right, ...(messages as object) }).toEqual(right)
          if (isWhole) expect(messages).toEqual(right)
        }
        const errors: unknown[] = []
        const onChanges = (): void => {
          try {
            check(false)
          } catch (error) {
            errors.push(error)
          }
        }
        db.observe({ onChanges })
        try {
          await db.preload()
          for (const each of steps) {
            if ('append' in each) await append(each.append)
            else await db.loadOlder({ rows: each.load })
            check(false)
          }
          while ((await db.loadOlder({ rows: 100 })).remaining > 0);
          await eventually(() => expect(lengths.get(db.offset)).toBe(log.length))
          await eventually(() => expect(db.older).toEqual({ remaining: 0, loading: false }))
          check(true)
          expect(errors).toEqual([])
          expect(db.issues.total).toBe(0)
        } finally {
          db.close()
        }
      },
    ),
    { numRuns: 25 },
  )
}, 60_000)
