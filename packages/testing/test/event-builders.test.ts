import { createStateSchema, keyValue, MaterializedState } from '@streamdb/db'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { eventBuilders, reset, snapshot, transaction } from '../src/index.ts'
import { builders, state } from './todos.ts'

test('[E7] builders say what the test does not: rows are numbered, fields are replaced', () => {
  const build = builders()
  expect(build.todos()).toEqual({
    type: 'todo',
    key: '1',
    value: { id: '1', text: 'Todo 1', done: false },
    headers: { operation: 'insert' },
  })
  const todo = build.todos.row({ done: true })
  expect(todo).toEqual({ id: '2', text: 'Todo 2', done: true })
  expect(build.todos.update(todo, { text: 'Other' })).toMatchObject({
    key: '2',
    value: { text: 'Other', done: true },
    old_value: { text: 'Todo 2' },
    headers: { operation: 'update' },
  })
  expect(build.todos.delete(todo)).toMatchObject({ key: '2', headers: { operation: 'delete' } })
  expect(build.todos.delete('7')).toMatchObject({ key: '7' })
  // @ts-expect-error: not a field of the schema
  expect(() => build.todos({ title: 'x' })).not.toThrow()
})

test('[E7] transactions share a txid of their own; snapshots and resets are controls', () => {
  const build = builders()
  const [one, two] = transaction(build.todos.many(2))
  expect(one?.headers.txid).toBe(two?.headers.txid)
  expect(transaction(build.todos.many(1))[0]?.headers.txid).not.toBe(one?.headers.txid)
  expect(transaction(build.todos.many(1), 'mine')[0]?.headers).toEqual({ operation: 'insert', txid: 'mine' })

  const rows = new MaterializedState()
  rows.applyBatch([build.todos(), reset(), build.todos({ id: 'a' })])
  expect([...rows.getType('todo').keys()]).toEqual(['a'])
  rows.applyBatch(snapshot([build.todos({ id: 'b' })]))
  expect([...rows.getType('todo').keys()]).toEqual(['b'])
})

test('[E7] bare values have builders too', () => {
  const settings = createStateSchema({ settings: keyValue({ schema: z.string(), type: 'setting' }) })
  const build = eventBuilders(settings, { settings: (n) => ({ key: `key ${n}`, value: '' }) })
  expect(build.settings({ value: 'dark' })).toMatchObject({ key: 'key 1', value: 'dark' })
  const row = build.settings.row()
  expect(build.settings.update(row, { value: 'x' })).toMatchObject({
    key: 'key 2',
    value: 'x',
    old_value: '',
  })
  expect(build.settings.delete(row)).toEqual({
    type: 'setting',
    key: 'key 2',
    headers: { operation: 'delete' },
  })
})

test('[E7] a builder for no collection is refused', () => {
  // The types refuse it as well, where the names are known.
  const defaults = { lists: () => ({ id: '1' }) } as object
  expect(() => eventBuilders(state, defaults)).toThrow(
    'eventBuilders: expected a collection of the state (todos) but received "lists"',
  )
})
