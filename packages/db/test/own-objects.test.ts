import { type } from 'arktype'
import { batchHandler } from '@streamdb/testkit'
import { openScripted } from '@streamdb/testkit/rooms'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema } from '../src/index.ts'
import type { ChangeEvent, CollectionDefinition } from '../src/index.ts'
import { makesNewRows } from '../src/sync/makes-new-rows.ts'

interface Item {
  readonly id: string
  readonly inner: { readonly id: string }
}
const object = z.object({ id: z.string(), inner: z.object({ id: z.string() }) })
const inner = { id: v.string(), inner: v.any() }

/** Schemas by what they return: the input itself, a part of it, or a new object. */
const schemas: Readonly<Record<string, [makesNew: boolean, schema: CollectionDefinition['schema']]>> = {
  'z.custom()': [false, z.custom<Item>()],
  'z.any()': [false, z.any()],
  'a transform to a part': [false, z.any().transform((item: Item) => item.inner)],
  'a custom schema in a union': [false, z.union([z.custom<Item>(() => true), object])],
  'an overwrite by a part': [
    false,
    z.object({ id: z.string(), inner: z.any() }).overwrite((item) => item.inner as never),
  ],
  'valibot any': [false, v.any()],
  'a valibot transform to a part': [
    false,
    v.pipe(
      v.looseObject(inner),
      v.transform((item) => item.inner as unknown),
    ),
  ],
  arktype: [false, type({ id: 'string', inner: { id: 'string' } })],
  'z.object()': [true, object],
  'z.object() with a refinement': [true, object.refine(() => true)],
  'z.looseObject()': [true, z.looseObject({ id: z.string() })],
  'a union of objects': [true, z.discriminatedUnion('id', [z.looseObject({ id: z.literal('1') })])],
  'valibot object': [true, v.object(inner)],
  'valibot variant': [true, v.variant('id', [v.looseObject({ id: v.literal('1') })])],
}

describe('[F-real-11] [C2] the objects of an event are never changed', () => {
  test.each(Object.entries(schemas))('%s', async (_name, [makesNew, schema]) => {
    expect(makesNewRows(schema)).toBe(makesNew)
    const state = createStateSchema({ items: { schema, type: 'item', primaryKey: 'id' } as never })
    const value = { id: '1', inner: { id: '1' } }
    const events: ChangeEvent[] = []
    const { db } = await openScripted(
      batchHandler([[{ type: 'item', key: '1', value, headers: { operation: 'insert' } }]]),
      { state, onEvent: (event) => events.push(event) },
    )
    await db.preload()
    const { items } = db.collections as unknown as Record<string, { readonly size: number }>
    expect(items?.size).toBe(1)
    const [event] = events
    for (const own of [event, event?.value, Reflect.get(Object(event?.value), 'inner'), event?.headers]) {
      expect(Object.isExtensible(own)).toBe(true)
    }
    expect(event?.value).toEqual(value)
  })
})
