import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, keyValue } from '../src/index.ts'
import type { ChangeEvent, InferInput, InferOutput, KeyValueRow } from '../src/index.ts'

const state = createStateSchema({
  settings: keyValue({ schema: z.enum(['dark', 'light']), type: 'setting' }),
  counters: keyValue({ schema: z.coerce.number<string>(), type: 'counter' }),
  users: { schema: z.object({ id: z.string() }), type: 'user', primaryKey: 'id' },
})

test('[P6] rows have the types of the schema of their values', () => {
  expectTypeOf<InferOutput<typeof state.settings.schema>>().toEqualTypeOf<KeyValueRow<'dark' | 'light'>>()
  expectTypeOf<InferInput<typeof state.counters.schema>>().toEqualTypeOf<KeyValueRow<string>>()
  expectTypeOf<InferOutput<typeof state.counters.schema>>().toEqualTypeOf<KeyValueRow<number>>()
})

test('[P6] helpers take a key beside the value', () => {
  expectTypeOf(state.settings.insert({ key: 'theme', value: 'dark' })).toEqualTypeOf<
    ChangeEvent<'dark' | 'light'>
  >()
  state.counters.update({ key: 'a', value: '2', oldValue: 1 })
  state.settings.delete({ key: 'theme' })
  // @ts-expect-error: no key
  state.settings.insert({ value: 'dark' })
  // @ts-expect-error: another value
  state.settings.insert({ key: 'theme', value: 'blue' })
  // @ts-expect-error: the value alone, not a row
  state.settings.insert({ key: 'theme', value: { key: 'theme', value: 'dark' } })
  // @ts-expect-error: a delete needs a key
  state.settings.delete({ oldValue: 'dark' })
  // The other definitions are as they were.
  state.users.insert({ value: { id: '1' } })
})
