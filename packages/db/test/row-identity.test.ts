import { openScripted, user } from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema } from '../src/index.ts'
import type { ChangeEvent } from '../src/index.ts'

describe('[F-real-51] rows and the events that they come from', () => {
  test('a schema that makes its rows anew: what a listener does to the event stays in the event', async () => {
    const { db } = await openScripted(
      (_request, reply) => reply.page({ items: [user('u1', 'Ada')], nextOffset: '1', upToDate: true }),
      {
        live: false,
        onEvent: ({ value }) => void Object.assign(Object(value) as object, { name: 'changed' }),
      },
    )
    await db.preload()
    expect(db.collections.users.get('u1')?.name).toBe('Ada')
  })

  test('a schema that returns its input: the row is the value of the event, and both are read-only', async () => {
    const state = createStateSchema({
      users: { schema: z.custom<{ id: string; name: string }>(), type: 'user', primaryKey: 'id' },
    })
    const events: ChangeEvent[] = []
    const { db } = await openScripted<typeof state>(
      (_request, reply) => reply.page({ items: [user('u1', 'Ada')], nextOffset: '1', upToDate: true }),
      { state, live: false, onEvent: (event) => void events.push(event) },
    )
    await db.preload()
    expect(events[0]?.value).toEqual({ id: 'u1', name: 'Ada' })
    // [C2] Nothing was added to it, and it can be changed as before.
    expect(Object.isExtensible(events[0]?.value)).toBe(true)
  })

  test("a dot in a primary key is part of the field's name: keys are fields of the row itself", async () => {
    const state = createStateSchema({
      users: {
        schema: z.object({ 'meta.id': z.string(), name: z.string() }),
        type: 'user',
        primaryKey: 'meta.id',
      },
    })
    const event = { type: 'user', key: 'u1', value: { name: 'Ada' }, headers: { operation: 'insert' } }
    const { db } = await openScripted<typeof state>(
      (_request, reply) => reply.page({ items: [event], nextOffset: '1', upToDate: true }),
      { state, live: false },
    )
    await db.preload()
    expect(db.collections.users.get('u1')).toMatchObject({ 'meta.id': 'u1', name: 'Ada' })
  })
})
