import { type } from 'arktype'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, StateError } from '../src/index.ts'
import type { StandardSchema } from '../src/index.ts'
import { handwritten, thrownBy } from './builders.ts'

interface User {
  readonly id: string
  readonly name: string
}

const isUser = (value: unknown): value is User =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'

const userSchema = z.object({ id: z.string(), name: z.string() })

/** Defines one collection of parts that the types would refuse. */
function define(parts: Readonly<Record<string, unknown>>, name = 'users'): unknown {
  return createStateSchema({
    [name]: { schema: userSchema, type: 'user', primaryKey: 'id', ...parts },
  } as never)
}

/** Returns the code with which a definition is refused; throws what is no refusal. */
function refusal(run: () => unknown): string {
  const error = thrownBy(run)
  if (error instanceof StateError) return error.code
  throw error
}

const whole: Readonly<Record<string, StandardSchema>> = {
  zod: userSchema,
  'zod, loose': z.looseObject({ id: z.string() }),
  'zod, strict': z.strictObject({ id: z.string(), name: z.string() }),
  'zod, a number for a key': z.object({ id: z.number() }),
  'zod, coerced': z.object({ id: z.coerce.number() }),
  'zod, a default': z.object({ id: z.uuid().default(() => crypto.randomUUID()), name: z.string() }),
  'zod, narrow fields': z.object({
    id: z.uuid(),
    age: z.number().int().positive(),
    at: z.iso.datetime(),
    kind: z.enum(['a', 'b']),
  }),
  'zod, renamed by a transform': z.object({ _id: z.string() }).transform(({ _id }) => ({ id: _id })),
  'zod, a refinement of the whole': z
    .object({ id: z.string(), from: z.number(), to: z.number() })
    .refine(({ from, to }) => from < to),
  'zod, a custom field': z.object({ id: z.custom<string>(), name: z.string() }),
  'zod, any for a key': z.object({ id: z.any(), name: z.string() }),
  'zod, a union': z.union([
    z.object({ id: z.string(), a: z.string() }),
    z.object({ id: z.string(), b: z.string() }),
  ]),
  'zod, a discriminated union': z.discriminatedUnion('kind', [
    z.object({ id: z.string(), kind: z.literal('a') }),
    z.object({ id: z.string(), kind: z.literal('b') }),
  ]),
  'zod, a record': z.record(z.string(), z.string()),
  valibot: v.object({ id: v.string(), name: v.string() }),
  'valibot, strict': v.strictObject({ id: v.string(), name: v.string() }),
  'valibot, a number for a key': v.object({ id: v.number(), name: v.string() }),
  'valibot, a pipe': v.pipe(
    v.object({ id: v.pipe(v.string(), v.uuid()), name: v.string() }),
    v.check(() => true),
  ),
  arktype: type({ id: 'string', name: 'string' }),
  'arktype, strict': type({ '+': 'reject', id: 'string', name: 'string' }),
  'arktype, narrow fields': type({ id: 'string.uuid', age: 'number.integer > 0', 'nick?': 'string' }),
  'arktype, a number for a key': type({ id: 'number', name: 'string' }),
  'handwritten, without paths': handwritten((value) =>
    isUser(value) ? { value } : { issues: [{ message: 'no user' }] },
  ),
  'handwritten, with paths': handwritten((value) =>
    isUser(value) ? { value } : { issues: [{ message: 'no user', path: ['id'] }] },
  ),
  'handwritten, with paths of objects': handwritten((value) =>
    isUser(value) ? { value } : { issues: [{ message: 'no user', path: [{ key: 'id' }] }] },
  ),
  'handwritten, taking anything': handwritten((value) => ({ value })),
  'handwritten, choking on what is no user': handwritten((value) => ({
    value: { ...(value as User), name: (value as User).name.trim() },
  })),
  'handwritten, answering with nothing': handwritten(() => undefined as never),
  'handwritten, `{ value, issues: undefined }`': handwritten((value) => ({ value, issues: undefined })),
  'handwritten, `{ value, issues: null }`': handwritten((value) => ({ value, issues: null }) as never),
  'a class with methods': new (class {
    readonly '~standard' = {
      version: 1 as const,
      vendor: 'class',
      fields: ['id'],
      validate(value: unknown) {
        return this.fields.every((field) => typeof value === 'object' && value !== null && field in value)
          ? { value }
          : { issues: [{ message: 'a field is missing' }] }
      },
    }
  })(),
}

test.each(Object.entries(whole))('a definition with a schema of %s is taken', (_what, schema) => {
  expect(define({ schema })).toMatchObject({ users: { type: 'user', primaryKey: 'id' } })
})

test('it keeps each definition as it is, by name, with helpers beside', () => {
  const state = createStateSchema({
    users: { schema: userSchema, type: 'user', primaryKey: 'id' },
    notes: { schema: v.object({ slug: v.string() }), type: 'note', primaryKey: 'slug' },
  })
  expect(Object.keys(state)).toEqual(['users', 'notes'])
  expect(state.notes.primaryKey).toBe('slug')
  expect(state.users.schema).toBe(userSchema)
  expect(Object.keys(state.users)).toEqual([
    'schema',
    'type',
    'primaryKey',
    'insert',
    'update',
    'upsert',
    'delete',
  ])
})

test('no collections are a state too', () => {
  expect(createStateSchema({})).toEqual({})
})

test.each<[what: string, parts: Readonly<Record<string, unknown>>]>([
  ['no schema', { schema: undefined }],
  ['a schema that is none', { schema: {} }],
  ['a function for a schema', { schema: isUser }],
  ['a schema whose "~standard" is empty', { schema: { '~standard': {} } }],
  ['null for a schema', { schema: null }],
  ['no type', { type: undefined }],
  ['an empty type', { type: '' }],
  ['a number for a type', { type: 7 }],
  ['no primary key', { primaryKey: undefined }],
  ['an empty primary key', { primaryKey: '' }],
  ['a list for a primary key', { primaryKey: ['id'] }],
  ['an unknown key source', { key: 'row' }],
])('[F-event-7] a definition with %s is refused', (_what, parts) => {
  expect(refusal(() => define(parts))).toBe('invalid-definition')
})

test.each([[undefined], [null], [7], ['users'], [[]], [() => undefined]])(
  '[F-event-7] the definition %j is refused',
  (definition) => {
    expect(refusal(() => createStateSchema({ users: definition } as never))).toBe('invalid-definition')
  },
)

test('[F-real-10] no schema is called when it is defined', () => {
  let calls = 0
  const schema = handwritten((value) => {
    calls++
    return { value }
  })
  define({ schema })
  expect(calls).toBe(0)
})

const throwing: Readonly<Record<string, StandardSchema>> = {
  'a transform that calls new URL': z.object({ id: z.string().transform((text) => new URL(text)) }),
  'a transform that calls JSON.parse': z.object({
    id: z.string().transform((text): unknown => JSON.parse(text)),
  }),
  'a transform that calls BigInt': z.object({ id: z.string(), n: z.string().transform(BigInt) }),
  'a refinement that throws': z.object({ id: z.string().refine((text) => text.at(0) === fail()) }),
  'a preprocess that throws': z.object({ id: z.preprocess(fail, z.string()) }),
  'valibot, a transform that throws': v.object({ id: v.pipe(v.string(), v.transform(fail)) }),
  'arktype, a morph that throws': type({ id: ['string', '=>', fail] }),
  'handwritten, an async function': handwritten(async (value) => ({ value })),
  'zod, an async refinement': userSchema.refine(async () => true),
  'valibot objectAsync': v.objectAsync({ id: v.string() }),
  'one without the primary key': z.object({ name: z.string() }),
}

function fail(): never {
  throw new Error('not for this value')
}

test.each(Object.entries(throwing))('[F-real-10] a definition is taken with %s', (_what, schema) => {
  expect(define({ schema })).toMatchObject({ users: { primaryKey: 'id' } })
})

test.each([[undefined], [null], [7], ['users'], [[]], [() => undefined]])(
  '[F-real-40] %j in place of definitions is refused with what was expected',
  (definitions) => {
    expect(thrownBy(() => createStateSchema(definitions as never))).toMatchObject({
      code: 'invalid-definition',
      message: expect.stringMatching(
        /^createStateSchema: expected an object of definitions, .* but received /,
      ),
    })
  },
)

test('two collections of one type are refused, with the second one named', () => {
  const users = { schema: userSchema, type: 'user', primaryKey: 'id' } as const
  expect(thrownBy(() => createStateSchema({ users, people: users }))).toMatchObject({
    code: 'duplicate-type',
    message:
      'Collection "people": expected a type of its own but received "user". Each collection needs events of its own type',
  })
})

test('an empty collection name is refused', () => {
  expect(refusal(() => define({}, ''))).toBe('reserved-name')
})

test('[F-event-8] __proto__ as a collection name is refused', () => {
  const users = { schema: userSchema, type: 'user', primaryKey: 'id' as const }
  const definitions = Object.fromEntries([['__proto__', users]])
  expect(refusal(() => createStateSchema(definitions))).toBe('reserved-name')
})

test('[F-event-8] hostile names are ordinary collections and types', () => {
  const definition = (eventType: string) => ({
    schema: userSchema,
    type: eventType,
    primaryKey: 'id' as const,
  })
  const state = createStateSchema({
    constructor: definition('__proto__'),
    toString: definition('constructor'),
    hasOwnProperty: definition('toString'),
  })
  const value = { id: '1', name: 'Ada' }
  expect(state.constructor.insert({ value })).toMatchObject({ type: '__proto__', key: '1', value })
  expect(state.toString.insert({ value })).toMatchObject({ type: 'constructor', key: '1', value })
  expect(state.hasOwnProperty.insert({ value })).toMatchObject({ type: 'toString', key: '1', value })
})

test.each(['constructor', 'toString', 'hasOwnProperty'])(
  '[F-event-8] %s is an ordinary primary key',
  (primaryKey) => {
    for (const schema of [
      z.object({ [primaryKey]: z.string() }),
      v.object({ [primaryKey]: v.string() }),
      type({ [primaryKey]: 'string' }),
    ]) {
      expect(define({ schema, primaryKey })).toMatchObject({ users: { primaryKey } })
    }
  },
)
