import { eventually } from '@streamdb/testkit'
import { message, openRoom, openScripted, user } from '@streamdb/testkit/rooms'
import { beforeEach, describe, expect, test, vi } from 'vitest'

const warned = vi.spyOn(console, 'warn')

beforeEach(() => {
  warned.mockReset()
  warned.mockImplementation(() => undefined)
})

function warnings(): string[] {
  return warned.mock.calls.map(([text]) => String(text))
}

function todo(key: string): unknown {
  return { type: 'todo', key, value: { id: key }, headers: { operation: 'insert' } }
}

describe('[F-real-32] what does not fit the definition is said, in development', () => {
  test('events of a type without a collection: once for each type, with their number and what is known', async () => {
    const { db, append } = await openRoom([
      user('u1'),
      ...Array.from({ length: 200 }, (_, n) => todo(`t${n}`)),
    ])
    await db.preload()
    expect(warnings()).toEqual([
      expect.stringContaining('200 events of type `todo` have no collection; known: `user`, `message`'),
    ])
    await append(todo('more'), { type: 'note', key: '1', value: {}, headers: { operation: 'insert' } })
    await eventually(() => expect(warnings()).toHaveLength(2))
    expect(warnings()[1]).toContain('1 event of type `note` has no collection')
    expect(db.issues.unknownTypes).toEqual(
      new Map([
        ['todo', 201],
        ['note', 1],
      ]),
    )
  })

  test('rows that a schema refuses: once for each collection, with the first issue', async () => {
    const bad = (type: string, key: string): unknown => ({
      type,
      key,
      value: { id: key },
      headers: { operation: 'insert' },
    })
    const { db } = await openRoom([bad('user', 'u1'), bad('user', 'u2'), bad('message', 'm1'), user('u3')])
    await db.preload()
    expect(warnings()).toEqual([
      expect.stringMatching(/row of type `user` was skipped: .*\/value\/name/),
      expect.stringMatching(/row of type `message` was skipped: .*\/value\/userId/),
    ])
    expect(db.issues.total).toBe(3)
  })

  test('nothing, where everything fits, and where the application has a policy of its own', async () => {
    const { db } = await openRoom([user('u1'), message('m1', 'u1')])
    await db.preload()
    const { db: other } = await openRoom([7], { onInvalid: () => 'skip' })
    await other.preload()
    expect(warnings()).toEqual([])
  })

  test('nothing in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const { db } = await openRoom([todo('1'), 7])
    await db.preload()
    vi.unstubAllEnvs()
    expect(warnings()).toEqual([])
  })
})

describe('[F-real-80] invalid events are kept by a bound of their size', () => {
  const huge = 'x'.repeat(100_000)

  test('a hundred huge ones', async () => {
    const given: unknown[] = []
    const { db } = await openScripted(
      (_request, reply) => {
        const items = Array.from({ length: 100 }, (_, n) => ({
          type: 'user',
          key: `u${n}`,
          value: { id: `u${n}`, text: huge },
          headers: { operation: 'insert' },
        }))
        reply.page({ items, nextOffset: '1', upToDate: true })
      },
      { live: false, onInvalid: ({ event }) => void given.push(event) },
    )
    await db.preload()
    expect([db.issues.total, JSON.stringify(given).length > 100 * huge.length]).toEqual([100, true])
    expect(JSON.stringify(db.issues.last).length).toBeLessThan(300_000)
    expect(db.issues.last.at(-1)?.event).toEqual({
      type: 'user',
      key: 'u99',
      headers: { operation: 'insert' },
    })
  })

  test.each([
    ['text', huge],
    ['an array', Array.from({ length: 50_000 }, (_, n) => n)],
    ['a key', { type: 'user', key: huge, value: 7, headers: { operation: 'insert' } }],
    ['a type', { type: huge, key: '', value: 7, headers: { operation: 'insert' } }],
    ['a header', { type: 'user', key: '', headers: { operation: huge } }],
    ['deep', JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown],
    ['wide', Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field ${n}`, 1]))],
  ])('%s', async (_what, item) => {
    const { db } = await openScripted(
      (_request, reply) =>
        reply.page({ items: Array.from({ length: 20 }, () => item), nextOffset: '1', upToDate: true }),
      { live: false },
    )
    await db.preload()
    expect(db.issues.total).toBe(20)
    expect(JSON.stringify(db.issues.last).length).toBeLessThan(400_000)
  })

  test('small ones are kept as they are, the last hundred', async () => {
    const { db } = await openRoom(Array.from({ length: 150 }, (_, n) => n))
    await db.preload()
    expect(db.issues.total).toBe(150)
    expect(db.issues.last.map(({ event }) => event)).toEqual(Array.from({ length: 100 }, (_, n) => n + 50))
  })
})

test('[F-real-57] an event at which the schema overflows the stack is an issue, and the others land', async () => {
  const { db } = await openRoom([user('u1'), user('deep'), user('u2')])
  const { users } = db.state
  const validate = vi.spyOn(users.schema['~standard'], 'validate')
  validate.mockImplementation((value) => {
    if ((value as { id: string }).id === 'deep') throw new RangeError('Maximum call stack size exceeded')
    return { value: value as { id: string; name: string } }
  })
  await db.preload()
  validate.mockRestore()
  expect([[...db.collections.users.keys()], db.status.name, db.issues.total]).toEqual([
    ['u1', 'u2'],
    'live',
    1,
  ])
  expect(db.issues.last[0]?.message).toContain('Maximum call stack size exceeded')
})
