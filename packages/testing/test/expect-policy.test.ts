import { createStateSchema } from '@streamdb/state'
import { expectAllowed, expectDenied } from '@streamdb/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

const note = z.object({ id: z.string(), owner: z.string(), text: z.string().default('') })
const state = createStateSchema({ notes: { schema: note, type: 'note', primaryKey: 'id' } })

interface Write {
  readonly event: { readonly value?: unknown }
  readonly row: unknown
  readonly user: { readonly id: string }
}

const ownerOf = (row: unknown): unknown => Reflect.get(Object(row), 'owner')

const policy = {
  state,
  authorize: async ({ event, row, user }: Write) => {
    const owner = ownerOf(row ?? event.value)
    return (
      owner === user.id || {
        code: 'not-owner',
        message: `it belongs to ${String(owner)}`,
        path: '/value/owner',
      }
    )
  },
  authorizeRead: ({ user }: { user: { id: string } }) => user.id !== 'eve' || 'Eve may not',
}
const ada = { id: 'ada' }
const insert = (id: string, owner: string) => state.notes.insert({ value: { id, owner } })

test('[AZ3] what a policy allows is allowed, and what it denies is denied, each event on the rows as those before it leave them', async () => {
  await expectAllowed(policy, { user: ada, event: insert('1', 'ada') })
  const denial = await expectDenied(policy, { user: ada, event: insert('1', 'bob') }, { code: 'not-owner' })
  expect(denial).toEqual({ code: 'not-owner', message: 'it belongs to bob', path: '/value/owner', index: 0 })
  const taken = { user: ada, rows: [insert('1', 'bob')], event: insert('1', 'ada') }
  await expectDenied(policy, taken, { path: '/value/owner', message: /bob/ })
  const events = [insert('1', 'ada'), state.notes.delete({ key: '1' }), insert('1', 'bob')]
  await expectDenied(policy, { user: ada, events }, { index: 2 })
})

test('[AZ3] reading, operations, a function alone, and what the schema does not take', async () => {
  await expectAllowed(policy, { user: ada, stream: 'notes', read: true })
  await expectDenied(
    policy,
    { user: { id: 'eve' }, read: true },
    { code: 'forbidden', message: 'Eve may not' },
  )
  await expectDenied(policy, { user: ada, stream: 'notes', operation: 'create' })
  await expectDenied(policy.authorize, { user: ada, event: insert('1', 'bob') }, { code: 'not-owner' })
  const wrong = {
    type: 'note',
    key: '1',
    value: { id: '1', owner: 1 },
    headers: { operation: 'insert' as const },
  }
  await expectDenied(policy, { user: ada, event: wrong }, { code: 'schema', path: '/value/owner' })
  await expectDenied(policy, { user: ada, event: { ...wrong, type: 'x' } }, { code: 'unknown-type' })
})

test('[AZ3] a failure says who tried what, and what came of it', async () => {
  const attempt = { user: ada, stream: 'notes', rows: [insert('1', 'bob')], event: insert('1', 'ada') }
  await expect(expectAllowed(policy, attempt)).rejects.toThrow(
    'Expected the policy to allow it, but it was denied with code "not-owner" at /value/owner of event 0: it belongs to bob\n' +
      '  user: {"id":"ada"}\n  stream: "notes"\n  event 0: insert note "1" {"id":"1","owner":"ada"}\n' +
      '  rows before: 1 events',
  )
  await expect(expectDenied(policy, { user: ada, event: insert('1', 'ada') }, { code: 'x' })).rejects.toThrow(
    'Expected the policy to deny it with code "x", but it was allowed\n',
  )
  await expect(expectDenied(policy, attempt, { code: 'x' })).rejects.toThrow(
    'Expected the policy to deny it with code "x", but it was denied with code "not-owner"',
  )
  await expect(expectAllowed(policy, { user: ada, events: [] })).rejects.toThrow(
    'expected changes as event or events',
  )
})

test('[AZ3] what a policy throws is no denial', async () => {
  const broken = () => Promise.reject(new Error('the database of roles is down'))
  await expect(expectDenied(broken, { user: ada, event: insert('1', 'ada') })).rejects.toThrow(
    'roles is down',
  )
})
