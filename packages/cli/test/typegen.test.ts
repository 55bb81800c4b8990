import { runInThisContext } from 'node:vm'
import { createStateSchema, isChangeEvent, keyValue, StateIssue, validateRow } from '@streamdb/state'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import { logs } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { RowTypes } from '../src/typegen/row-types.ts'
import { writeModule } from '../src/typegen/write-module.ts'

const head = { stream: 'http://x/y', events: 'some events', from: '@streamdb/state' }

function generate(events: readonly ChangeEvent[]): string {
  const types = new RowTypes()
  for (const event of events) types.add(event)
  return writeModule(types.list(), head)
}

/** Runs a module that was written, without its types. */
function load(text: string): StateDefinition {
  const code = text
    .replace(/^import .*$/gm, '')
    .replace(/^export type .*$/gm, '')
    .replace('export const state =', 'return')
  const run = runInThisContext(`(function (z, createStateSchema, keyValue) {${code}})`) as (
    ...given: unknown[]
  ) => StateDefinition
  return run(z, createStateSchema, keyValue)
}

/** Returns what the schemas of a module say against events that put objects. */
function issuesOf(text: string, events: readonly ChangeEvent[]): string[] {
  const byType = new Map(Object.values(load(text)).map((definition) => [definition.type, definition]))
  return events.flatMap((event) => {
    if (event.headers.operation === 'delete') return []
    if (typeof event.value !== 'object' || event.value === null || Array.isArray(event.value)) return []
    const definition = byType.get(event.type)
    if (definition === undefined) return [`no collection for ${event.type}`]
    const row = validateRow(event, definition)
    return row instanceof StateIssue ? [row.message] : []
  })
}

const insert = (type: string, key: string, value: unknown): ChangeEvent => ({
  type,
  key,
  value,
  headers: { operation: 'insert' },
})

test('[K13] [P6] typegen: values that are no objects have rows by keyValue', () => {
  const events = [insert('theme', 'x', 'dark'), insert('volume', 'x', 7), insert('volume', 'y', null)]
  const text = generate(events)
  expect(text).toContain("import { createStateSchema, keyValue } from '@streamdb/state'")
  expect(text).toContain('const volumeSchema = z.number().nullable()')
  expect(text).toContain("  themes: keyValue({ schema: themeSchema, type: 'theme' }),")
  const { themes, volumes } = load(text)
  if (themes === undefined || volumes === undefined) throw new Error('Expected two collections')
  expect(events.map((event) => validateRow(event, event.type === 'theme' ? themes : volumes))).toEqual([
    { key: 'x', value: 'dark' },
    { key: 'x', value: 7 },
    { key: 'y', value: null },
  ])
})

test('[K13] typegen: optional fields, choices, unions, dates, nested objects and arrays, with the key that was seen', () => {
  const people = Array.from({ length: 8 }, (_, index) =>
    insert('chat-person', `${index}`, {
      id: `${index}`,
      name: `Person ${index}`,
      role: index % 2 === 0 ? 'admin' : 'member',
      joinedAt: `2026-01-0${index + 1}T10:00:00Z`,
      born: '2000-02-29',
      score: index === 0 ? 'none' : index,
      'nick-name': index === 1 ? 'Al' : null,
      address: { city: 'London', ...(index === 2 ? { zip: 'N1' } : {}) },
      tags: [{ text: 'a' }],
      ...(index === 3 ? { note: "it's" } : {}),
    }),
  )
  const text = generate([...people, insert('vote', 'a', { up: true }), insert('vote', 'b', 1)])
  expect(text)
    .toBe(`// Guessed by \`streamdb typegen\` from some events of http://x/y. Look it over: it says what was seen, not what may come.
// 1 of the type 'vote' have values that are no objects, and are no rows.

import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

const chatPersonSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['admin', 'member']),
  joinedAt: z.iso.datetime(),
  born: z.iso.date(),
  score: z.union([z.string(), z.number()]),
  'nick-name': z.string().nullable(),
  address: z.object({
    city: z.string(),
    zip: z.string().optional(),
  }),
  tags: z.array(z.object({
    text: z.string(),
  })),
  note: z.string().optional(),
})
export type ChatPerson = z.infer<typeof chatPersonSchema>

const voteSchema = z.object({
  id: z.string(),
  up: z.boolean(),
})
export type Vote = z.infer<typeof voteSchema>

export const state = createStateSchema({
  chatPersons: { schema: chatPersonSchema, type: 'chat-person', primaryKey: 'id' },
  votes: { schema: voteSchema, type: 'vote', primaryKey: 'id' },
})
`)
  expect(issuesOf(text, people)).toEqual([])
})

test('[K13] what typegen writes takes every event of any log', () => {
  fc.assert(
    fc.property(logs(), (log) => {
      const events = log.filter(isChangeEvent)
      expect(issuesOf(generate(events), events)).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('[K13] typegen: values of any JSON, in fields with odd names, under numeric and missing keys', () => {
  const value = fc.dictionary(
    fc.oneof(
      fc.constantFrom('id', 'key', '__proto__', 'constructor', 'a b', "it's", '"', '\u2028'),
      fc.string({ maxLength: 3 }),
    ),
    fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        '2026-02-30',
        '2026-02-28',
        '2026-02-28T10:00:00Z',
        '2026-02-28T10:00:00+02:00',
        '2026-02-28T24:00:00Z',
        1e308,
      ),
    ),
    { maxKeys: 30 },
  )
  const event = fc
    .record({
      type: fc.constantFrom('a', 'a-b', 'aB', '__proto__', '1', 'class', 's'),
      key: fc.constantFrom('1', '2', 'x'),
      value,
      withKey: fc.constantFrom('id', 'number', 'none'),
    })
    .map(({ type, key, value: row, withKey }) => {
      const parsed = JSON.parse(JSON.stringify(row)) as object
      const own =
        withKey === 'id' ? { id: key } : withKey === 'number' && key !== 'x' ? { n: Number(key) } : {}
      return insert(type, key, { ...parsed, ...own })
    })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      expect(issuesOf(generate(events), events)).toEqual([])
    }),
    { numRuns: 100 },
  )
})
