import { changeEvents, cuts, logs } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold, foldChange, foldControl, noChanges, takeChanges } from '../src/index.ts'
import type { Changes, StateEvent } from '../src/index.ts'
import { deepFreeze, end, put, remove, reset, start } from './builders.ts'

/** What a log changes, written plainly; deleted keys are `undefined`. */
function changesOf(...log: StateEvent[]): { rows: object; replaces: boolean; txids: string[] } {
  const { rows, replaces, txids } = fold(log)
  const plain = [...rows].map(([type, keys]) => [type, Object.fromEntries(keys)])
  return { rows: Object.fromEntries(plain) as object, replaces, txids: [...txids] }
}

test('no events change nothing', () => {
  expect(fold([])).toEqual(noChanges())
  expect(noChanges()).toEqual({ rows: new Map(), replaces: false, snapshot: undefined, txids: new Set() })
})

test('[M1] [M2] only the last row of a key is left', () => {
  expect(
    changesOf(put('1', { a: 1, b: 1 }), put('1', { a: 2 }, { operation: 'update' }), put('2', 'x')),
  ).toEqual({
    rows: { user: { 1: { a: 2 }, 2: 'x' } },
    replaces: false,
    txids: [],
  })
})

test('[M3] a deleted key is there, without a row', () => {
  const { rows } = fold([put('1', 'a'), remove('1'), remove('2')])
  expect(rows.get('user')).toEqual(
    new Map([
      ['1', undefined],
      ['2', undefined],
    ]),
  )
})

test('[M3] the value of a delete means nothing', () => {
  const { rows } = fold([{ ...remove('1'), value: { name: 'Ada' } }])
  expect(rows.get('user')?.get('1')).toBeUndefined()
})

test('[M4] a reset leaves only what comes after it, and says that all else is gone', () => {
  expect(changesOf(put('1', 'a'), reset, put('2', 'b'))).toMatchObject({
    rows: { user: { 2: 'b' } },
    replaces: true,
  })
  expect(changesOf(put('1', 'a'), reset)).toMatchObject({ rows: {}, replaces: true })
})

test('[M5] an open snapshot is kept apart; its end makes it the whole state', () => {
  const changes = fold([put('1', 'a'), start, put('2', 'b')])
  expect(takeChanges(changes).rows.get('user')).toEqual(new Map([['1', 'a']]))
  const { rows, replaces } = fold([put('3', 'c'), end], changes)
  expect(rows.get('user')).toEqual(
    new Map([
      ['2', 'b'],
      ['3', 'c'],
    ]),
  )
  expect(replaces).toBe(true)
})

test.each([
  ['another start', [start, put('2', 'b'), end], { user: { 2: 'b' } }],
  ['a reset', [reset, put('2', 'b'), end], { user: { 2: 'b' } }],
])('[M5] a snapshot that never ended is dropped by %s', (_what, tail, rows) => {
  expect(changesOf(start, put('1', 'a'), ...tail)).toMatchObject({ rows, replaces: true })
})

test('[M5] an end without a start changes nothing', () => {
  expect(changesOf(put('1', 'a'), end)).toEqual({ rows: { user: { 1: 'a' } }, replaces: false, txids: [] })
})

test('txids are collected, once each, whatever the operation; a txid that is no text is none', () => {
  const odd = put('4', 'd', { txid: 7 as unknown as string })
  const log = [put('1', 'a', { txid: 't1' }), remove('2', { txid: 't2' }), put('3', 'c', { txid: 't1' }), odd]
  expect(changesOf(...log).txids).toEqual(['t1', 't2'])
})

test('[F-life-7] a txid inside a snapshot is told when its rows are visible, not before', () => {
  const changes = fold([put('1', 'a', { txid: 'before' }), start, put('2', 'b', { txid: 'within' })])
  expect([...takeChanges(changes).txids]).toEqual(['before'])
  expect([...takeChanges(fold([put('3', 'c', { txid: 'still within' })], changes)).txids]).toEqual([])
  expect([...takeChanges(fold([end, put('4', 'd', { txid: 'after' })], changes)).txids]).toEqual([
    'within',
    'still within',
    'after',
  ])
})

test('[W4] a txid whose rows a reset or a dropped snapshot voids is told: waiting on it ends', () => {
  for (const control of [reset, start]) {
    const changes = fold([start, put('1', 'a', { txid: 't1' }), control])
    expect([...takeChanges(changes).txids]).toEqual(['t1'])
  }
  expect(changesOf(put('1', 'a', { txid: 't1' }), reset)).toEqual({ rows: {}, replaces: true, txids: ['t1'] })
})

test('takeChanges leaves nothing behind but an open snapshot', () => {
  const changes = fold([reset, put('1', 'a', { txid: 't1' }), start, put('2', 'b')])
  const { snapshot } = changes
  expect(takeChanges(changes)).toEqual({
    rows: new Map([['user', new Map([['1', 'a']])]]),
    replaces: true,
    snapshot: undefined,
    txids: new Set(['t1']),
  })
  expect(changes).toEqual({ ...noChanges(), snapshot })
  expect(takeChanges(changes)).toEqual(noChanges())
})

test('taken changes do not change with later events', () => {
  const changes = fold([put('1', 'a', { txid: 't1' })])
  const taken = takeChanges(changes)
  fold([put('1', 'b', { txid: 't2' }), reset], changes)
  expect(taken.rows.get('user')).toEqual(new Map([['1', 'a']]))
  expect([...taken.txids]).toEqual(['t1'])
})

test('[C3] foldChange puts the row that it is given for the value, and no row for a delete', () => {
  const changes = noChanges()
  const row = { id: '1', name: 'Ada', role: 'user' }
  foldChange(changes, put('1', { name: 'Ada' }), row)
  foldChange(changes, remove('2'), row)
  expect(changes.rows.get('user')?.get('1')).toBe(row)
  expect(changes.rows.get('user')?.get('2')).toBeUndefined()
})

test('[P5] hostile types and keys are ordinary, and no prototype is touched', () => {
  const events = ['__proto__', 'constructor', 'toString'].map((name) => ({
    ...put(name, { name }),
    type: name,
  }))
  const { rows } = fold(events)
  expect([...rows.keys()]).toEqual(['__proto__', 'constructor', 'toString'])
  expect(rows.get('__proto__')?.get('__proto__')).toEqual({ name: '__proto__' })
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('name')
})

test('[M6] folding a log in pieces is folding it whole', () => {
  const cutLogs = logs().chain((log) => fc.tuple(fc.constant(log), cuts(log)))
  fc.assert(
    fc.property(cutLogs, ([log, batches]) => {
      const changes = noChanges()
      for (const batch of batches) fold(batch, changes)
      expect(changes).toEqual(fold(log))
    }),
  )
})

test('[C2] no event is changed, and values are handed on as the objects that they are', () => {
  fc.assert(
    fc.property(fc.array(changeEvents()), (log) => {
      const changes = fold(deepFreeze(log))
      const last = log.at(-1)
      if (last !== undefined) expect(rowOf(changes, last.type, last.key)).toBe(valueOf(last))
    }),
  )
})

test('foldControl is fold for one control', () => {
  for (const control of [reset, start, end]) {
    const changes = noChanges()
    foldControl(changes, control)
    expect(changes).toEqual(fold([control]))
  }
})

function rowOf(changes: Changes, type: string, key: string): unknown {
  return changes.rows.get(type)?.get(key)
}

function valueOf(event: StateEvent): unknown {
  return event.headers['operation'] === 'delete' || !('value' in event) ? undefined : event.value
}
