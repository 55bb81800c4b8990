import { type } from 'arktype'
import * as v from 'valibot'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema } from '../src/index.ts'
import type {
  ChangeEvent,
  CollectionWithHelpers,
  EventHeaders,
  InferInput,
  InferOutput,
  PrimaryKeyOf,
  StandardSchema,
} from '../src/index.ts'

const zodUser = z.object({ id: z.string(), age: z.coerce.number<string>(), role: z.string().default('user') })
const valibotUser = v.object({
  id: v.string(),
  age: v.pipe(v.string(), v.transform(Number)),
  role: v.optional(v.string(), 'user'),
})
const arktypeUser = type({ id: 'string', age: 'string.numeric.parse', role: 'string = "user"' })

interface User {
  id: string
  age: number
  role: string
}

/** Handwritten, with `types`. */
const typedUser = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ value: value as User }),
    types: undefined as unknown as { input: { id: string }; output: User },
  },
} as const

/** Handwritten, without `types`: what it returns says what it returns. */
const untypedUser = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as User }) },
} as const

/** Handwritten, with issues too. */
const checkedUser = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) =>
      value === null ? { issues: [{ message: 'no user' }] } : { value: value as User },
  },
} as const

/** Handwritten, saying nothing of what it returns. */
const unknownUser = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const

test('a schema says what its rows take and are', () => {
  expectTypeOf<InferOutput<typeof zodUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferInput<typeof zodUser>>().toEqualTypeOf<{
    id: string
    age: string
    role?: string | undefined
  }>()
  expectTypeOf<InferOutput<typeof valibotUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferInput<typeof valibotUser>>().toEqualTypeOf<{
    id: string
    age: string
    role?: string | undefined
  }>()
  expectTypeOf<InferOutput<typeof arktypeUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferInput<typeof arktypeUser>['age']>().toEqualTypeOf<string>()
  expectTypeOf<InferOutput<typeof typedUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferInput<typeof typedUser>>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<InferOutput<typeof untypedUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferInput<typeof untypedUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferOutput<typeof checkedUser>>().toEqualTypeOf<User>()
  expectTypeOf<InferOutput<typeof unknownUser>>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
  expectTypeOf<InferOutput<StandardSchema<User>>>().toEqualTypeOf<User>()
  expectTypeOf<InferInput<StandardSchema<{ id: string }, User>>>().toEqualTypeOf<{ id: string }>()
})

test("the libraries' schemas and handwritten ones are Standard Schemas as they are", () => {
  expectTypeOf(zodUser).toExtend<StandardSchema>()
  expectTypeOf(valibotUser).toExtend<StandardSchema>()
  expectTypeOf(arktypeUser).toExtend<StandardSchema>()
  expectTypeOf(typedUser).toExtend<StandardSchema>()
  expectTypeOf(untypedUser).toExtend<StandardSchema>()
})

const state = createStateSchema({
  zod: { schema: zodUser, type: 'zod', primaryKey: 'id' },
  valibot: { schema: valibotUser, type: 'valibot', primaryKey: 'id' },
  arktype: { schema: arktypeUser, type: 'arktype', primaryKey: 'id' },
  typed: { schema: typedUser, type: 'typed', primaryKey: 'id' },
  untyped: { schema: untypedUser, type: 'untyped', primaryKey: 'id' },
  unknown: { schema: unknownUser, type: 'unknown', primaryKey: 'anything' },
  numbered: { schema: z.object({ number: z.number() }), type: 'numbered', primaryKey: 'number' },
})

test("a state keeps its collections' names, types and keys", () => {
  expectTypeOf(state.zod.type).toEqualTypeOf<'zod'>()
  expectTypeOf(state.zod.primaryKey).toEqualTypeOf<'id'>()
  expectTypeOf(state.zod.schema).toEqualTypeOf<typeof zodUser>()
  expectTypeOf(state).toHaveProperty('numbered')
  // @ts-expect-error: no such collection
  void state.nothing
  expectTypeOf(state.typed).toEqualTypeOf<
    CollectionWithHelpers<{
      readonly schema: typeof typedUser
      readonly type: 'typed'
      readonly primaryKey: 'id'
    }>
  >()
})

test('helpers take what the schema takes', () => {
  expectTypeOf(state.zod.insert({ value: { id: '1', age: '36' } })).toEqualTypeOf<
    ChangeEvent<{ id: string; age: string; role?: string | undefined }>
  >()
  state.valibot.upsert({ value: { id: '1', age: '36' }, key: '1', headers: { txid: 't1', 'x-trace': 1 } })
  state.arktype.insert({ value: { id: '1', age: '36' } })
  state.typed.insert({ value: { id: '1' } })
  state.untyped.insert({ value: { id: '1', age: 36, role: 'user' } })
  state.unknown.insert({ value: { anything: 1 } })
  state.numbered.insert({ value: { number: 7 }, key: 7 })
  // @ts-expect-error: a field is missing
  state.zod.insert({ value: { id: '1' } })
  // @ts-expect-error: a field is of another type
  state.zod.update({ value: { id: '1', age: 36 } })
  // @ts-expect-error: no value
  state.zod.upsert({ key: '1' })
  // @ts-expect-error: an insert has no old value
  state.zod.insert({ value: { id: '1', age: '36' }, oldValue: { id: '1', age: '36' } })
})

test('old values are what the schema takes, or the rows that it returns', () => {
  state.zod.update({ value: { id: '1', age: '36' }, oldValue: { id: '1', age: '35' } })
  state.zod.update({ value: { id: '1', age: '36' }, oldValue: { id: '1', age: 35, role: 'user' } })
  state.zod.delete({ oldValue: { id: '1', age: 35, role: 'user' } })
  // @ts-expect-error: no row of the collection
  state.zod.update({ value: { id: '1', age: '36' }, oldValue: { id: 1 } })
})

test('a delete needs a key, or a row that holds it', () => {
  state.zod.delete({ key: '1' })
  state.zod.delete({ key: 7, headers: { from: 'ada' } })
  // @ts-expect-error: neither
  state.zod.delete({})
  // @ts-expect-error: a headers' object names nothing
  state.zod.delete({ headers: { txid: 't1' } })
})

test('headers are what the protocol names, and anything else', () => {
  expectTypeOf<{ txid: string; 'x-trace': { id: number } }>().toExtend<EventHeaders>()
  expectTypeOf<{ txid: number }>().not.toExtend<EventHeaders>()
  expectTypeOf<{ operation: 'insert' }>().not.toExtend<EventHeaders>()
  expectTypeOf<{ control: 'reset' }>().not.toExtend<EventHeaders>()
})

test('[F-event-7] a primary key is a field that holds text or a number', () => {
  expectTypeOf<
    PrimaryKeyOf<{ id: string; no: number; done: boolean; tags: string[]; nick?: string }>
  >().toEqualTypeOf<'id' | 'no'>()
  expectTypeOf<PrimaryKeyOf<{ id: 'a' | 'b'; no: 1 | 2 }>>().toEqualTypeOf<'id' | 'no'>()
  expectTypeOf<PrimaryKeyOf<Record<string, unknown>>>().toEqualTypeOf<string>()
  createStateSchema({
    // @ts-expect-error: no field
    users: { schema: zodUser, type: 'user', primaryKey: 'email' },
  })
  createStateSchema({
    // @ts-expect-error: an input's field, and no output's
    users: { schema: zodUser.transform(({ age }) => ({ age })), type: 'user', primaryKey: 'id' },
  })
  createStateSchema({
    // @ts-expect-error: a boolean is no key
    users: { schema: v.object({ done: v.boolean() }), type: 'user', primaryKey: 'done' },
  })
  createStateSchema({
    // @ts-expect-error: no field, and no field
    users: { schema: type({ name: 'string' }), type: 'user', primaryKey: 'id' },
    // @ts-expect-error: a row may be without it
    notes: { schema: z.object({ slug: z.string().optional() }), type: 'note', primaryKey: 'slug' },
  })
})

test('[F-moving-7] a definition that was not written in place is taken, as its key may be any field', () => {
  const users = { schema: zodUser, type: 'user', primaryKey: 'id' }
  const apart = createStateSchema({ users })
  expectTypeOf(apart.users.primaryKey).toEqualTypeOf<string>()
  apart.users.insert({ value: { id: '1', age: '36' } })
})

test('[F-event-7] a definition is whole', () => {
  // @ts-expect-error: no schema
  createStateSchema({ users: { type: 'user', primaryKey: 'id' } })
  // @ts-expect-error: no type
  createStateSchema({ users: { schema: zodUser, primaryKey: 'id' } })
  // @ts-expect-error: no primary key
  createStateSchema({ users: { schema: zodUser, type: 'user' } })
  // @ts-expect-error: no Standard Schema
  createStateSchema({ users: { schema: { parse: () => 1 }, type: 'user', primaryKey: 'id' } })
})
