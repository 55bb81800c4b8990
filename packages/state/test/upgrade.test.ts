import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { createStateSchema, schemaVersionOf, StateError, StateIssue, upgradeEvent } from '../src/index.ts'
import type { ChangeEvent, Migrate } from '../src/index.ts'
import { put, remove } from './builders.ts'

/** Version 2 calls `name` `title`; version 3 has no drafts. */
const migrate: Migrate = (_type, value, from) => {
  if (from < 2) {
    value['title'] = value['name']
    delete value['name']
  }
  return value['draft'] === true ? undefined : value
}

const passwordSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const

describe('the version of an event', () => {
  const cases: readonly (readonly [header: unknown, version: number])[] = [
    [undefined, 1],
    [1, 1],
    [2, 2],
    [7, 7],
    ['2', 1],
    [0, 1],
    [-1, 1],
    [1.5, 1],
    [Number.NaN, 1],
    [null, 1],
    [{}, 1],
  ]
  test.each(cases)('[V1] the header %j means version %i', (schemaVersion, version) => {
    expect(schemaVersionOf(put('1', {}, { schemaVersion }))).toBe(version)
  })
})

describe('upgrading an event', () => {
  const old = put('1', { name: 'Ada', tags: [{ __proto__: 1 }] }, { txid: 't', 'x-own': 1 })

  test('[V2] an old value is migrated, a value of the own or a newer version is not', () => {
    expect(upgradeEvent(old, { version: 3, migrate })).toEqual(
      put('1', { title: 'Ada', tags: [{}] }, { txid: 't', 'x-own': 1, schemaVersion: 3 }),
    )
    for (const schemaVersion of [3, 4]) {
      const newer = put('1', { name: 'Ada' }, { schemaVersion })
      expect(upgradeEvent(newer, { version: 3, migrate })).toBe(newer)
    }
    expect(upgradeEvent(old, { version: 3 })).toBe(old)
  })

  test('[V2] the objects of the event are not changed, whatever migrate does to what it is given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const event = put('1', value)
        const before = JSON.stringify(event)
        const upgraded = upgradeEvent(event, {
          version: 2,
          migrate: (_type, given) => {
            expect(JSON.stringify(given)).toBe(JSON.stringify(value))
            spoil(given)
            return given
          },
        })
        expect(upgraded).not.toBeInstanceOf(StateIssue)
        expect(JSON.stringify(event)).toBe(before)
      }),
    )
  })

  test('[P5] a field named __proto__ is copied as a field', () => {
    const value: unknown = JSON.parse('{"__proto__":{"admin":true}}')
    const upgraded = upgradeEvent(put('1', value), { version: 2, migrate: (_type, given) => given })
    expect(JSON.stringify((upgraded as ChangeEvent).value)).toBe('{"__proto__":{"admin":true}}')
  })

  test('[V2] the row before is migrated too, and left out where it cannot be', () => {
    const update: ChangeEvent = { ...old, old_value: { name: 'A' } }
    expect(upgradeEvent(update, { version: 2, migrate })).toMatchObject({ old_value: { title: 'A' } })
    const deleted = { ...remove('1'), old_value: { name: 'A' } }
    expect(upgradeEvent(deleted, { version: 2, migrate })).toEqual({
      ...remove('1', { schemaVersion: 2 }),
      old_value: { title: 'A' },
    })
    const refuse: Migrate = (_type, value) => {
      if (value['name'] === 'A') throw new Error('no')
      return value
    }
    expect(upgradeEvent(update, { version: 2, migrate: refuse })).not.toHaveProperty('old_value')
  })

  test('[V3] a value that has no row any more is a delete', () => {
    const draft = put('1', { name: 'Ada', draft: true }, { txid: 't' })
    expect(upgradeEvent(draft, { version: 3, migrate })).toEqual(remove('1', { txid: 't', schemaVersion: 3 }))
  })

  test('[V4] what migrate throws, and a promise, are issues with the code `migration`', () => {
    const throws = upgradeEvent(old, {
      version: 2,
      migrate: () => {
        throw new TypeError('no name')
      },
    })
    expect(throws).toBeInstanceOf(StateIssue)
    expect(throws).toMatchObject({ code: 'migration', path: '/value', event: old, reason: 'no name' })
    expect((throws as StateIssue).message).toBe('Invalid event at /value: migrate threw: no name')
    const promises = upgradeEvent(old, { version: 2, migrate: () => Promise.reject(new Error('late')) })
    expect((promises as StateIssue).message).toContain('expected migrate to be synchronous')
  })

  test('[V4] a value that is no object is left to its validation', () => {
    for (const value of [null, 1, 'text', ['array']]) {
      const upgraded = upgradeEvent(put('1', value), { version: 2, migrate: () => ({ never: true }) })
      expect((upgraded as ChangeEvent).value).toBe(value)
    }
  })
})

describe('the version of a state', () => {
  const users = { schema: passwordSchema, type: 'user', primaryKey: 'id' } as const

  test('[V1] event helpers say the version that the state was created with, from 2 on', () => {
    const value = { id: '1' }
    expect(createStateSchema({ users }).users.insert({ value }).headers).toEqual({ operation: 'insert' })
    expect(createStateSchema({ users }, { version: 1 }).users.insert({ value }).headers).toEqual({
      operation: 'insert',
    })
    const state = createStateSchema({ users }, { version: 2 })
    expect(state.users.insert({ value, headers: { txid: 't' } }).headers).toEqual({
      operation: 'insert',
      txid: 't',
      schemaVersion: 2,
    })
    expect(state.users.delete({ key: '1' }).headers).toEqual({ operation: 'delete', schemaVersion: 2 })
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity])('[V1] version %d of a state is refused', (version) => {
    const create = () => createStateSchema({ users }, { version })
    expect(create).toThrow(StateError)
    expect(create).toThrow('createStateSchema, version: expected a whole number from 1')
  })
})

/** Changes everything that it reaches. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const part of Object.values(value)) spoil(part)
  if (Array.isArray(value)) value.push('spoiled')
  else Object.assign(value, { spoiled: true })
}
