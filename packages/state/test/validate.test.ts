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
    code: 'key-mismatch',
    path: '/value/id',
    received: '"2"',
    event,
    message: 'Invalid event at /value/id: expected the key "1" but received "2"',
  })
  expect(issueOf(put('1', { id: 2, name: 'Ada' }), numbered[library])).toMatchObject({
    code: 'key-mismatch',
    received: '2',
  })
})

test('[P4] a number is its own text and no other: "07", "7.0", "1e1" and " 7" are other keys', () => {
  for (const key of ['07', '7.0', '0x7', ' 7', '7 ', '+7']) {
    expect(issueOf(put(key, { id: 7, name: 'Ada' }), numbered.zod)).toMatchObject({ code: 'key-mismatch' })
    expect(issueOf(put(key, { name: 'Ada' }), numbered.zod).code).toBe('key-mismatch')
  }
  for (const key of ['seven', 'NaN', 'Infinity']) {
    expect(issueOf(put(key, { name: 'Ada' }), numbered.zod)).toMatchObject({
      code: 'schema',
      path: '/value/id',
    })
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
  expect(issueOf(put('A', { id: 'A' }), lowered)).toMatchObject({ code: 'key-mismatch', received: '"a"' })
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
    expect(issue).toMatchObject({ code: 'schema', path: '/value/name', expected: 'what the schema takes' })
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
  ).toMatchObject({ code: 'schema', path: '/value' })
})

const misbehaving: readonly [what: string, validate: (value: unknown) => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('no such thing')
    },
  ],
  [
    'throws a value that is not an error',
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
      code: 'schema',
      event: put('1', value),
    })
  }
})

test('[F-event-5] the reason of what a schema throws is told', () => {
  const throwing = handwritten(() => {
    throw new Error('no such thing')
  })
  expect(issueOf(put('1', {}), throwing).received).toBe('no such thing')
})

test.each(libraries)('[F-event-4] a value that is no object is an issue: %s', (library) => {
  for (const value of ['dark', 42, true]) {
    expect(issueOf(put('1', value), users[library])).toMatchObject({ code: 'schema', path: '/value' })
  }
  // Valibot and ArkType look for the fields of an array.
  for (const value of [[], [{ id: '1' }]])
    expect(issueOf(put('1', value), users[library]).code).toBe('schema')
})

test('[F-event-4] a schema that takes anything makes no row of a value that is no object', () => {
  const anything = handwritten((value) => ({ value }))
  for (const value of ['dark', 42, true, [], [{ id: '1' }]]) {
    expect(issueOf(put('1', value), anything)).toMatchObject({
      code: 'schema',
      path: '/value',
      expected: 'an object',
    })
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
    ).toMatchObject({ code: 'schema', path: '/value', expected: 'an object from the schema' })
  }
})

test('[F-real-48] a primitive row under a schema that takes it is told to be no object', () => {
  for (const [schema, value, received] of [
    [z.any(), 'dark', '"dark"'],
    [z.string(), 'dark', '"dark"'],
    [v.number(), 42, '42'],
    [type('boolean'), true, 'true'],
    [z.array(z.number()), [1], 'an array'],
  ] as const) {
    expect(issueOf(put('a', value), schema).message).toBe(
      `Invalid event at /value: expected an object but received ${received}`,
    )
  }
})

test('[F-real-47] null is no row, whatever the schema takes', () => {
  for (const schema of [z.any(), z.null().transform(() => ({ id: '1' })), users.zod]) {
    expect(issueOf(put('1', null), schema)).toMatchObject({
      code: 'missing-part',
      path: '/value',
      received: 'null',
      message:
        'Invalid event at /value: expected an object (null is no row; only MaterializedState keeps it) but received null',
    })
  }
})

test('[F-real-16] a message about an unusable key can be true', () => {
  const anything = handwritten((value) => ({ value }))
  for (const [key, id, received] of [
    ['', '', '""'],
    ['a', '', '""'],
    ['a', null, 'null'],
    ['NaN', NaN, 'NaN'],
    ['true', true, 'true'],
    ['[object Object]', {}, 'an object'],
  ] as const) {
    expect(issueOf(put(key, { id }), anything).message).toBe(
      `Invalid event at /value/id: expected a non-empty string or a finite number as the primary key but received ${received}`,
    )
  }
})

const asynchronous: Readonly<Record<string, StandardSchema>> = {
  'an async function': handwritten(async (value) => ({ value })),
  'a promise': handwritten((value) => Promise.resolve({ value })),
  'a promise that is rejected': handwritten(() => Promise.reject(new Error('no'))),
  'zod, an async refinement of the whole': users.zod.refine(async () => true),
  'zod, an async refinement of a field': z.object({
    id: z.string(),
    name: z.string().refine(async () => true),
  }),
  'zod, an async transform': users.zod.transform(async (user) => user),
  'valibot objectAsync': v.objectAsync({ id: v.string(), name: v.string() }),
  'valibot pipeAsync': v.pipeAsync(
    users.valibot,
    v.checkAsync(async () => true),
  ),
}

test.each(Object.entries(asynchronous))(
  '[F-event-5] [F-real-10] an asynchronous schema is an issue of its first value: %s',
  async (_what, schema) => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    for (const value of [{ id: '1', name: 'Ada' }, { name: 'Ada' }]) {
      expect(issueOf(put('1', value), schema)).toMatchObject({
        code: 'async-schema',
        path: '/value',
        message:
          'Invalid event at /value: expected a synchronous schema for type "user" but received a promise',
      })
    }
    // Node tells of unhandled rejections when the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  },
)

test('[F-real-10] [P4] a primary key that the schema drops is an issue of the first row', () => {
  const dropping = [
    users.zod.transform(({ name }) => ({ name })),
    z.object({ name: z.string() }),
    v.object({ name: v.string() }),
  ]
  for (const schema of dropping) {
    for (const value of [{ id: '1', name: 'Ada' }, { name: 'Ada' }]) {
      expect(issueOf(put('1', value), schema)).toMatchObject({
        code: 'key-mismatch',
        path: '/value/id',
        received: 'undefined',
      })
    }
  }
})

test.each([
  ['zod', z.object({ id: z.string(), address: z.object({ street: z.string() }) })],
  ['valibot', v.object({ id: v.string(), address: v.object({ street: v.string() }) })],
  ['arktype', type({ id: 'string', address: { street: 'string' } })],
] as const)('[F-real-37] a path has the names of fields, whatever the library: %s', (_library, schema) => {
  const issue = issueOf(put('1', { id: '1', address: { street: 7 } }), schema)
  expect(issue.path).toBe('/value/address/street')
  expect(issue.message).toMatch(/^Invalid event at \/value\/address\/street: the schema refused the value: ./)
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

test.each(libraries)("[F-moving-3] with key: 'event', the event's key replaces the row's: %s", (library) => {
  const byEvent = { ...definition(users[library]), key: 'event' } as const
  expect(validateRow(deepFreeze(put('user:9', { id: '9', name: 'Ada' })), byEvent)).toEqual({
    id: 'user:9',
    name: 'Ada',
  })
  const numberedByEvent = { ...definition(numbered[library]), key: 'event' } as const
  expect(validateRow(deepFreeze(put('9', { id: 7, name: 'Ada' })), numberedByEvent)).toEqual({
    id: 9,
    name: 'Ada',
  })
})

test.each(libraries)("[F-moving-3] with key: 'value', a row keeps its own key: %s", (library) => {
  const byValue = { ...definition(users[library]), key: 'value' } as const
  const row = { id: '9', name: 'Ada' }
  expect(validateRow(deepFreeze(put('"public"."users"/"9"', row)), byValue)).toEqual(row)
  expect(validateRow(deepFreeze(put('user:9', { name: 'Ada' })), byValue)).toEqual({
    id: 'user:9',
    name: 'Ada',
  })
})

test("[F-moving-3] with key: 'value', a row still needs a usable key", () => {
  const byValue = { ...definition(handwritten((value) => ({ value }))), key: 'value' } as const
  for (const id of ['', null, {}, true, NaN]) {
    expect(validateRow(put('user:9', { id }), byValue)).toMatchObject({ code: 'key-mismatch' })
  }
})
