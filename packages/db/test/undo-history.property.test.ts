import { createManualLog, eventually, unhandledRejections } from '@streamdb/testkit'
import { plain, room, rowsOf } from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { Transaction } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(() => expect(unhandled).toEqual([]))

type Rows = Readonly<Record<string, { readonly id: string; readonly name: string }>>

/** Something done to one row of a transaction; to a row that is not there it is an insert, or nothing. */
interface Edit {
  readonly key: string
  readonly name: string
  readonly remove: boolean
}

type Step =
  | { readonly do: 'transact'; readonly edits: readonly Edit[] }
  | { readonly do: 'other'; readonly edit: Edit }
  | { readonly do: 'undo' | 'redo' }

const edit: fc.Arbitrary<Edit> = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  // Few, so that rows are often set to what they were.
  name: fc.constantFrom('x', 'y'),
  remove: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true)),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('transact' as const),
      edits: fc.array(edit, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('other' as const), edit }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('undo' as const, 'redo' as const) }) },
)

/** What a transaction did to its rows: from `before` to `after`. */
interface Entry {
  readonly keys: readonly string[]
  readonly before: Rows
  readonly after: Rows
}

function edited(rows: Rows, edits: readonly Edit[]): Rows {
  const next = { ...rows }
  for (const { key, name, remove } of edits) {
    if (remove) delete next[key]
    else next[key] = { id: key, name }
  }
  return next
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The history as a newcomer would describe it: an undo puts every row back to what it was, if nobody changed it since. */
class Model {
  rows: Rows = {}
  undone: Entry[] = []
  done: Entry[] = []

  transact(edits: readonly Edit[]): void {
    const before = this.rows
    this.rows = edited(before, edits)
    const keys = ['a', 'b', 'c'].filter((key) => !isSame(before[key], this.rows[key]))
    if (keys.length === 0) return
    this.done.push({ keys, before, after: this.rows })
    this.undone = []
  }

  go(from: Entry[], to: Entry[], expected: 'before' | 'after', wanted: 'before' | 'after'): void {
    const entry = from.pop()
    if (entry === undefined) return
    const keys = entry.keys.filter((key) => isSame(this.rows[key], entry[expected][key]))
    for (const key of keys) {
      const row = entry[wanted][key]
      this.rows = edited(this.rows, [{ key, name: row?.name ?? '', remove: row === undefined }])
    }
    if (keys.length > 0) to.push({ ...entry, keys })
  }
}

async function run(steps: readonly Step[]): Promise<void> {
  const log = createManualLog()
  const db = createStreamDB({
    streamOptions: {
      url: 'http://stream.test/room',
      warnOnHttp: false,
      fetch(input, init) {
        const answer = log.fetch(input, init)
        log.decide('store')
        return answer
      },
    },
    state: room,
    live: 'long-poll',
    history: true,
  })
  const { users } = db.collections
  const model = new Model()
  const transact = (edits: readonly Edit[]): Transaction =>
    db.transact(() => {
      for (const { key, name, remove } of edits) {
        if (!users.has(key)) {
          if (!remove) users.insert({ id: key, name })
        } else if (remove) users.delete(key)
        else users.update(key, (draft) => void (draft.name = name))
      }
    })
  try {
    await db.preload()
    for (const next of steps) {
      switch (next.do) {
        case 'transact':
          await transact(next.edits).when('settled')
          model.transact(next.edits)
          break
        case 'other': {
          const { key, name, remove } = next.edit
          const value = { id: key, name: `other ${name}` }
          log.append([remove ? room.users.delete({ key }) : room.users.upsert({ value })])
          await eventually(() => expect(db.offset).toBe(log.end))
          model.rows = edited(model.rows, [{ key, name: value.name, remove }])
          break
        }
        case 'undo':
          await db.history?.undo()?.transaction?.when('settled')
          model.go(model.done, model.undone, 'after', 'before')
          break
        case 'redo':
          await db.history?.redo()?.transaction?.when('settled')
          model.go(model.undone, model.done, 'before', 'after')
      }
      expect(rowsOf(users)).toEqual(model.rows)
      expect([db.history?.canUndo, db.history?.canRedo]).toEqual([
        model.done.length > 0,
        model.undone.length > 0,
      ])
    }
    // What the log says of the rows before is true as well.
    const rows = new Map<string, unknown>()
    for (const { key, value, old_value: before, headers } of log.events) {
      if (headers.txid !== undefined) expect(before).toEqual(rows.get(key))
      rows.set(key, headers.operation === 'delete' ? undefined : plain(value as object))
    }
  } finally {
    db.close()
  }
}

test('[F-real-63] undo and redo of random transactions, among writes of others, restore exactly the rows before', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 25, size: 'max' }), run), {
    seed: Number(process.env['STREAMDB_SEED'] ?? 63),
    numRuns: 200,
  })
}, 60_000)

const a = (name: string): Edit => ({ key: 'a', name, remove: false })
const noA: Edit = { key: 'a', name: '', remove: true }

test.each<[string, readonly Edit[]]>([
  ['updates and then deletes the row', [a('y'), noA]],
  ['deletes, inserts and deletes it', [noA, a('y'), noA]],
  ['sets it to what it is', [a('y'), a('x')]],
  ['deletes and inserts it as it was', [noA, a('x')]],
  ['deletes it and inserts another', [noA, a('y')]],
])('[F-real-63] undo of a transaction that %s restores it', async (_what, edits) => {
  await run([
    { do: 'transact', edits: [a('x')] },
    { do: 'transact', edits },
    { do: 'undo' },
    { do: 'redo' },
    { do: 'undo' },
  ])
})
