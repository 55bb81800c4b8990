// @vitest-environment node
import { createRecordedLog, materialize } from '@streamdb/log'
import { describe, expect, test } from 'vitest'
import { parseLog, toNdjson } from '../src/model/log-file.ts'
import { lastChanges, rowChanges } from '../src/model/row-changes.ts'
import { keyColumn, tableView } from '../src/model/table-view.ts'
import { toTest } from '../src/model/to-test.ts'
import type { WriteReport } from '../src/model/writes-log.ts'
import { modelOf, put, remove } from './builders.ts'

describe('the history of a row', () => {
  test('[V26] says which field changed, from what to what, and who wrote it', () => {
    const { store } = modelOf([
      put('a', { text: 'one', size: 1 }, { from: 'ada' }),
      put('b', { text: 'other' }),
      put('a', { text: 'two', size: 1 }, { principal: 'grace', from: 'somebody' }),
      remove('a', { from: 'ada' }),
      put('a', { size: 1 }),
    ])
    const changes = rowChanges(store, 'note', 'a')
    expect(changes.map(({ who }) => who)).toEqual(['ada', 'grace', 'ada', undefined])
    expect(changes[1]?.fields).toEqual([{ field: 'text', before: 'one', after: 'two' }])
    expect(changes[2]?.fields.map(({ field }) => field)).toEqual(['id', 'text', 'size'])
    expect(changes[3]?.value).toEqual({ id: 'a', size: 1 })
    expect(lastChanges(changes.slice(0, 2)).get('text')?.who).toBe('grace')
    expect(lastChanges(changes.slice(0, 2)).get('size')?.who).toBe('ada')
    expect(rowChanges(store, 'note', 'nobody')).toEqual([])
  })

  test('a row of the event without a row value, such as a text', () => {
    const { store } = modelOf([
      { type: 'setting', key: 'theme', value: 'dark', headers: { operation: 'insert' } },
      { type: 'setting', key: 'theme', value: 'light', headers: { operation: 'update' } },
    ])
    expect(rowChanges(store, 'setting', 'theme')[1]?.fields).toEqual([
      { field: '', before: 'dark', after: 'light' },
    ])
  })
})

describe('a table', () => {
  const items = [put('k10', { size: 2 }), put('k9', { size: 10, extra: true }), put('k1', { name: 'z' })]

  test('has the fields that rows have, and is sorted by any: numbers as numbers, what is absent last', () => {
    const model = modelOf(items)
    const keysBy = (column: string, isDescending = false): unknown[] => {
      const view = tableView(model, 'note', { sort: { column, isDescending } })
      return Array.from(view.rows, (_, index) => view.row(index)?.key)
    }
    expect(tableView(model, 'note').columns).toEqual(['id', 'size', 'extra', 'name'])
    expect(keysBy('size')).toEqual(['k10', 'k9', 'k1'])
    expect(keysBy(keyColumn)).toEqual(['k1', 'k9', 'k10'])
    expect(keysBy(keyColumn, true)).toEqual(['k10', 'k9', 'k1'])
    expect(tableView(model, 'note', { position: 1 }).rows).toHaveLength(1)
    expect(tableView(model, 'none').rows).toHaveLength(0)
  })
})

describe('files and tests', () => {
  const items = [
    put('a', { text: 'Hellö "quoted"\nline' }),
    { broken: true },
    put('b', { size: 1 }, { txid: 't' }),
    remove('a'),
  ]

  test('[V28] a log that is saved and opened again is the same', () => {
    const model = modelOf(items)
    const file = [...toNdjson(model.store)].join('')
    expect(file.split('\n')).toHaveLength(items.length + 1)
    expect(parseLog(file)).toEqual({ items, unreadable: [] })
    expect(parseLog(JSON.stringify(items))).toEqual({ items, unreadable: [] })
    expect(parseLog('{"a":1}\nnonsense\n')).toEqual({ items: [{ a: 1 }], unreadable: [2] })
  })

  test('[V28] a copied test passes, and reads the log by public names', async () => {
    const model = modelOf(items)
    const text = toTest(model.store, [0, 1, 2, 3], 'a "copied" log')
    // Run as it is but for its imports, which are given to it.
    const body = text.replace(/^import .*$/gm, '')
    let passed = 0
    const run = async (title: string, each: () => Promise<void>): Promise<void> => {
      expect(title).toBe('a "copied" log')
      await each()
      passed++
    }
    const names = ['createRecordedLog', 'materialize', 'expect', 'test']
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the text is code: that is what is tested
    const runText = new Function(
      ...names,
      `return ${body.slice(body.indexOf('test('))}`.replace(
        /^return /,
        `${body.slice(0, body.indexOf('test('))}; return `,
      ),
    )
    await (runText as (...values: unknown[]) => Promise<void>)(createRecordedLog, materialize, expect, run)
    expect(passed).toBe(1)
    expect(text).toContain('expect(invalid.count).toBe(1)')
  })
})

describe('writes', () => {
  const report: WriteReport = {
    ...{ txid: 't1', action: 'rename', state: 'pending', attempts: 0, error: undefined, nextTry: undefined },
    rows: [
      {
        operation: 'update',
        type: 'note',
        key: 'a',
        before: { id: 'a', text: 'one' },
        after: { id: 'a', text: 'mine' },
      },
    ],
  }

  test('keep every step with its time', () => {
    let now = 1_000
    const model = modelOf([], { now: () => now })
    model.noteWrite(report)
    now = 1_200
    model.noteWrite({
      ...report,
      attempts: 1,
      error: { code: 'stream-failed', message: 'no' },
      nextTry: 2_000,
    })
    now = 2_000
    model.noteWrite({ ...report, state: 'acknowledged', attempts: 1, rows: [] })
    model.noteWrite({ ...report, state: 'confirmed', attempts: 1, rows: [] })
    const [write] = model.writes.list()
    expect(write?.steps).toEqual([
      { name: 'pending', time: 1_000 },
      { name: 'retry', time: 1_200 },
      { name: 'acknowledged', time: 2_000 },
      { name: 'confirmed', time: 2_000 },
    ])
    expect(write?.rows).toEqual(report.rows)
  })

  test('[V29] one that met a row which others had changed since it began is a conflict', () => {
    let now = 1_000
    const model = modelOf([put('a', { text: 'one' })], { now: () => now })
    now = 2_000
    model.noteWrite(report)
    now = 2_100
    model.addBatch({ items: [put('a', { text: 'theirs' }, { txid: 'other' })], offset: '2' })
    model.addBatch({ items: [put('a', { text: 'mine' }, { txid: 't1' })], offset: '3' })
    expect(model.writes.conflicts()).toMatchObject([
      { key: 'a', base: { text: 'one' }, theirs: { text: 'theirs' }, ours: { text: 'mine' }, theirEvent: 1 },
    ])
    // The next one began behind theirs.
    now = 3_000
    model.noteWrite({ ...report, txid: 't2' })
    model.addBatch({ items: [put('a', { text: 'mine' }, { txid: 't2' })], offset: '4' })
    expect(model.writes.conflicts()).toHaveLength(1)
  })
})
