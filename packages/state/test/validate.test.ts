import { changeEvents, hostileNames } from '@streamdb/testkit'
import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { StateIssue, validateRow } from '../src/index.ts'
import type { ChangeEvent, CollectionDefinition, StandardSchema } from '../src/index.ts'
import { deepFreeze, handwritten, put } from './builders.ts'

function definition(schema: StandardSchema, primaryKey = 'id'): CollectionDefinition {
  return { schema, type: 'user', primaryKey }
}

/** Validates what has to be refused. */
function issueOf(event: ChangeEvent, schema: StandardSchema, primaryKey?: string): StateIssue {
  const issue = validateRow(deepFreeze(event), definition(schema, primaryKey))
  if (issue instanceof StateIssue) return issue
  throw new Error(`A row: ${JSON.stringify(issue)}`)
}

const users = {
  zod: z.object({ id: z.string(), name: z.string() }),
  valibot: v.object({ id: v.string(), name: v.string() }),
  arktype: type({ id: 'string', name: 'string' }),
}

const numbered = {
  zod: z.object({ id: z.number(), name: z.string() }),
  valibot: v.object({ id: v.number(), name: v.string() }),
  arktype: type({ id: 'number', name: 'string' }),
}

const libraries = Object.keys(users) as (keyof typeof users)[]

test.each(libraries)("[P4] the primary key is filled from the event's key when absent: %s", (library) => {
  const event = deepFreeze(put('1', { name: 'Ada' }))
  expect(validateRow(event, definition(users[library]))).toEqual({ id: '1', name: 'Ada' })
})

test.each(libraries)(
  '[F-event-6] a numeric primary key is filled as a number, and stays one: %s',
  (library) => {
    for (const [key, id] of [
      ['7', 7],
      ['0', 0],
      ['-1.5', -1.5],
    ] as const) {
      expect(validateRow(deepFreeze(put(key, { name: 'Ada' })), definition(numbered[library]))).toEqual({
        id,
        name: 'Ada',
      })
      expect(validateRow(deepFreeze(put(key, { id, name: 'Ada' })), definition(numbered[library]))).toEqual({
        id,
        name: 'Ada',
      })
    }
  },
)

test.each(libraries)("[P4] a primary key that is not the event's key is an issue: %s", (library) => {
  const event = put('1', { id: '2', name: 'Ada' })
  expect(issueOf(event, users[library])).toMatchObject({
    law: 'P4',
    path: '/value/id',
    received: '"2"',
    event,
    message: 'Invalid event at /value/id: expected the key "1" but received "2"',
  })
  expect(issueOf(put('1', { id: 2, name: 'Ada' }), numbered[library])).toMatchObject({
    law: 'P4',
    received: '2',
  })
})

test('[P4] a number is its own text and no other: "07", "7.0", "1e1" and " 7" are other keys', () => {
  for (const key of ['07', '7.0', '0x7', ' 7', '7 ', '+7']) {
    expect(issueOf(put(key, { id: 7, name: 'Ada' }), numbered.zod)).toMatchObject({ law: 'P4' })
    expect(issueOf(put(key, { name: 'Ada' }), numbered.zod).law).toBe('P4')
  }
  for (const key of ['seven', 'NaN', 'Infinity']) {
    expect(issueOf(put(key, { name: 'Ada' }), numbered.zod)).toMatchObject({ law: 'C3', path: '/value/id' })
  }
})

test('[P4] a key that looks like a number stays text where the schema takes text', () => {
  expect(validateRow(put('7', { name: 'Ada' }), definition(users.zod))).toEqual({ id: '7', name: 'Ada' })
  const either = z.object({ id: z.union([z.number(), z.string()]) })
  expect(validateRow(put('7', {}), definition(either))).toEqual({ id: '7' })
})

test('[P4] the key is that of the row that the schema returns', () => {
  const lowered = z.object({ id: z.string().toLowerCase() })
  expect(validateRow(put('a', { id: 'A' }), definition(lowered))).toEqual({ id: 'a' })
  expect(issueOf(put('A', { id: 'A' }), lowered)).toMatchObject({ law: 'P4', received: '"a"' })
  const renamed = z.object({ id: z.string() }).transform(({ id }) => ({ slug: id, id: 0 }))
  expect(validateRow(put('a', { id: 'a' }), definition(renamed, 'slug'))).toEqual({ slug: 'a', id: 0 })
})

test('[C3] defaults, coercions and transforms come out', () => {
  const schema = z.object({
    id: z.string(),
    role: z.string().default('user'),
    age: z.coerce.number(),
    at: z.coerce.date(),
    name: z.string().trim(),
  })
  const event = deepFreeze(put('1', { age: '36', at: '2026-01-01T00:00:00Z', name: ' Ada ', unknown: 1 }))
  expect(validateRow(event, definition(schema))).toEqual({
    id: '1',
    role: 'user',
    age: 36,
    at: new Date('2026-01-01T00:00:00Z'),
    name: 'Ada',
  })
  const withDefault = type({ id: 'string', role: 'string = "user"' })
  expect(validateRow(deepFreeze(put('1', {})), definition(withDefault))).toEqual({ id: '1', role: 'user' })
  const optional = v.object({ id: v.string(), role: v.optional(v.string(), 'user') })
  expect(validateRow(deepFreeze(put('1', {})), definition(optional))).toEqual({ id: '1', role: 'user' })
})

test('[C3] a value is validated once', () => {
  let calls = 0
  const counting = handwritten((value) => {
    calls += 1
    return { value }
  })
  expect(validateRow(put('1', { id: '1' }), definition(counting))).toEqual({ id: '1' })
  expect(calls).toBe(1)
  expect(validateRow(put('2', {}), definition(counting))).toEqual({ id: '2' })
  expect(calls).toBe(2)
})

test.each(libraries)(
  '[F-event-5] a value that breaks the schema is an issue with its path: %s',
  (library) => {
    const issue = issueOf(put('1', { id: '1', name: 7 }), users[library])
    expect(issue).toMatchObject({ law: 'C3', path: '/value/name', expected: 'what the schema takes' })
    expect(issue.received).not.toBe('')
  },
)

test("[F-event-5] the path goes as deep as the schema's", () => {
  const deep = z.object({ id: z.string(), tags: z.array(z.object({ a: z.string() })) })
  expect(issueOf(put('1', { tags: [{ a: 'x' }, { a: 1 }] }), deep).path).toBe('/value/tags/1/a')
  const valibot = v.object({ id: v.string(), tags: v.array(v.string()) })
  expect(issueOf(put('1', { tags: ['x', 1] }), valibot).path).toBe('/value/tags/1')
})

test('[F-event-5] `{ value, issues: undefined }` is a success, and so is `{ value, issues: null }`', () => {
  for (const issues of [undefined, null]) {
    const schema = handwritten((value) => ({ value, issues }) as never)
    expect(validateRow(put('1', { id: '1' }), definition(schema))).toEqual({ id: '1' })
  }
})

test('[F-event-5] a refusal without issues is a refusal', () => {
  expect(
    issueOf(
      put('1', {}),
      handwritten(() => ({ issues: [] })),
    ),
  ).toMatchObject({ law: 'C3', path: '/value' })
})

const misbehaving: readonly [what: string, validate: (value: unknown) => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('no such thing')
    },
  ],
  [
    'throws what is no error',
    () => {
      // oxlint-disable-next-line typescript/only-throw-error -- a schema in JavaScript may
      throw Object.create(null)
    },
  ],
  [
    'throws null',
    () => {
      // oxlint-disable-next-line typescript/only-throw-error -- as above
      throw null
    },
  ],
  ['returns a promise', (value) => Promise.resolve({ value })],
  ['returns a promise that is rejected', () => Promise.reject(new Error('no'))],
  ['returns nothing', () => undefined],
  ['returns null', () => null],
  ['returns issues that are no list', () => ({ issues: {} })],
  ['returns issues that are none', () => ({ issues: [null] })],
  ['returns an issue whose path is no list', () => ({ issues: [{ message: 'x', path: 7 }] })],
  [
    'returns an issue whose path has holes',
    () => ({ issues: [{ message: 'x', path: [null, undefined, Symbol('s')] }] }),
  ],
  ['returns an issue without a message', () => ({ issues: [{}] })],
]

test.each(misbehaving)('[F-event-5] a schema that %s gives an issue, and no throw', (_what, validate) => {
  for (const value of [{ id: '1' }, {}]) {
    expect(issueOf(put('1', value), handwritten(validate as never))).toMatchObject({
      law: 'C3',
      event: put('1', value),
    })
  }
})

test('[F-event-5] the reason of what a schema throws is told', () => {
  const throwing = handwritten(() => {
    throw new Error('no such thing')
  })
  expect(issueOf(put('1', {}), throwing).received).toBe('no such thing')
  const asynchronous = handwritten((value) => Promise.resolve({ value }))
  expect(issueOf(put('1', {}), asynchronous).received).toContain('expected a synchronous schema')
})

test.each(libraries)('[F-event-4] a value that is no object is an issue: %s', (library) => {
  for (const value of ['dark', 42, true]) {
    expect(issueOf(put('1', value), users[library])).toMatchObject({ law: 'C3', path: '/value' })
  }
  // Valibot and ArkType look for the fields of an array.
  for (const value of [[], [{ id: '1' }]]) expect(issueOf(put('1', value), users[library]).law).toBe('C3')
})

test('[F-event-4] a schema that takes anything makes no row of a value that is no object', () => {
  const anything = handwritten((value) => ({ value }))
  for (const value of ['dark', 42, true, [], [{ id: '1' }]]) {
    expect(issueOf(put('1', value), anything)).toMatchObject({ law: 'P4', path: '/value/id' })
  }
})

test('[F-event-4] a schema may say how a value that is no object becomes a row', () => {
  const wrapped = z.string().transform((theme) => ({ id: 'theme', theme }))
  expect(validateRow(put('theme', 'dark'), definition(wrapped))).toEqual({ id: 'theme', theme: 'dark' })
})

test('a schema whose output is no object gives an issue', () => {
  for (const output of ['1', 1, null, undefined, ['1'], () => '1']) {
    expect(
      issueOf(
        put('1', { id: '1' }),
        handwritten(() => ({ value: output })),
      ),
    ).toMatchObject({ law: 'P4' })
  }
})

test('[F-event-8] hostile names are ordinary fields, and primary keys that are filled', () => {
  const anything = handwritten((value) => ({ value }))
  const value: unknown = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":2}')
  const row = validateRow(deepFreeze(put('1', value)), definition(anything))
  expect(JSON.stringify(row)).toBe('{"__proto__":{"admin":true},"constructor":1,"toString":2,"id":"1"}')
  for (const primaryKey of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const filled = validateRow(deepFreeze(put('1', { a: 1 })), definition(anything, primaryKey))
    expect(JSON.stringify(filled)).toBe(`{"a":1,"${primaryKey}":"1"}`)
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype)
  }
  for (const primaryKey of ['constructor', 'toString']) {
    const schema = z.object({ [primaryKey]: z.string() })
    expect(validateRow(deepFreeze(put('1', {})), definition(schema, primaryKey))).toEqual({
      [primaryKey]: '1',
    })
  }
})

test('[C2] nothing is added to a row, and no event is changed, whatever the library', () => {
  const schemas = [z.looseObject({}), v.looseObject({}), type({}), handwritten((value) => ({ value }))]
  fc.assert(
    fc.property(
      changeEvents({ objectsOnly: true, hostile: false }),
      fc.constantFrom(...schemas),
      (event, schema) => {
        fc.pre(event.value !== undefined)
        const value = event.value as object // only objects are drawn
        // The libraries differ in what they make of these.
        fc.pre(!hostileNames.some((name) => Object.hasOwn(value, name)))
        expect(validateRow(deepFreeze(event), definition(schema))).toEqual({ ...value, id: event.key })
      },
    ),
  )
})
