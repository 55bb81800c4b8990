import { eventually } from '@streamdb/testkit'
import { control, openScripted, user } from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'
import type { ScriptedHandler } from '@streamdb/testkit'

/** A log whose offsets are positions, and whose server stamps nothing: it answers what is there, and 400 for the rest. */
function logServer(log: unknown[], { past }: { past: 'refuse' | 'echo' }) {
  const waiting = new Set<() => void>()
  const offsetOf = (position: number): string => `0000_${String(position).padStart(4, '0')}`
  let requests = 0
  const handler: ScriptedHandler = (request, reply) => {
    requests++
    const { offset = '-1' } = request
    const position =
      offset === '-1' ? 0 : offsetOf(Number(offset.slice(5))) === offset ? Number(offset.slice(5)) : -1
    if (position < 0 || (position > log.length && past === 'refuse')) return reply.status(400)
    const answer = (): void => {
      const items = log.slice(position)
      reply.page({ items, nextOffset: position > log.length ? offset : offsetOf(log.length), upToDate: true })
    }
    if (request.live === undefined || position < log.length) answer()
    else waiting.add(answer)
  }
  return {
    handler,
    offsetOf,
    append(...items: unknown[]) {
      log.push(...items)
      for (const answer of waiting) answer()
      waiting.clear()
    },
    get requests() {
      return requests
    },
  }
}

const unusable: readonly (readonly [what: string, offset: string])[] = [
  ['a path', '../..'],
  ['zero', '0'],
  ['a negative number', '-2'],
  ['a control character', '\u0000'],
  ['a word', 'now'],
  ['past the end', '0000_9999'],
  ['before it', '0000_0001'],
  ['the end of its batch', '0000_0003'],
]

describe.each(['refuse', 'echo'] as const)(
  '[F-real-68] resets, where the server %ss what is past the end',
  (past) => {
    test.each(unusable)(
      '%s: an issue, and a reset without an offset, live and later',
      async (_what, offset) => {
        const server = logServer([user('u1'), user('u2')], { past })
        const { db: early } = await openScripted(server.handler, { live: 'long-poll' })
        await early.preload()
        server.append(control('reset', offset), user('u3'))
        await eventually(() => expect([...early.collections.users.keys()]).toEqual(['u3']))
        server.append(user('u4'))
        await eventually(() => expect([...early.collections.users.keys()].sort()).toEqual(['u3', 'u4']))
        const { db: late } = await openScripted(server.handler, { live: 'long-poll' })
        await late.preload()
        expect([...late.collections.users.keys()].sort()).toEqual(['u3', 'u4'])
        for (const { issues, status } of [early, late]) {
          expect(issues.last.map(({ code, path }) => [code, path])).toEqual([
            ['unusable-offset', '/headers/offset'],
          ])
          expect(status.name).toBe('live')
        }
        expect(server.requests).toBeLessThan(20)
      },
    )

    test('many resets to many offsets: no request for most of them', async () => {
      const resets = Array.from({ length: 200 }, (_, n) =>
        control('reset', `0000_${String(9000 + (n % 7)).padStart(4, '0')}`),
      )
      const server = logServer([user('u1'), ...resets, user('u2')], { past })
      const { db } = await openScripted(server.handler, { live: 'long-poll' })
      await db.preload()
      expect([...db.collections.users.keys()]).toEqual(['u2'])
      expect(server.requests).toBeLessThan(40)
    })
  },
)

describe('[F-real-67] offsets that writers put into events', () => {
  const forged = (event: unknown, offset: string): unknown => {
    const given = event as { headers: object } // made by a helper
    return { ...given, headers: { ...given.headers, offset } }
  }

  test.each([
    ['of the next position', [user('a', '1'), forged(user('a', '2'), '0000_0002'), user('a', '3')]],
    [
      'that go back',
      [user('a', '1'), forged(user('b', '1'), '0000_0002'), forged(user('a', '2'), '0000_0001')],
    ],
    [
      'of the end, and one before',
      [user('a', '1'), forged(user('a', '2'), '0000_0003'), forged(user('a', '3'), '0000_0000')],
    ],
    [
      'on every event but the first',
      [user('a', '0'), ...[3, 2, 1].map((n) => forged(user('a', `${n}`), `0000_000${n}`))],
    ],
  ])('%s: readers that read in other batches end at the same rows', async (_what, log) => {
    const server = logServer([log[0]], { past: 'refuse' })
    const { db: early } = await openScripted(server.handler, { live: 'long-poll' })
    await early.preload()
    for (const [index, event] of log.slice(1).entries()) {
      server.append(event)
      await eventually(() => expect(early.offset).toBe(server.offsetOf(index + 2)))
    }
    const { db: late } = await openScripted(server.handler, { live: 'long-poll' })
    await late.preload()
    const rows = ({ collections }: typeof early): unknown[] =>
      Array.from(collections.users.values(), ({ id, name }) => [id, name]).sort()
    expect(rows(early)).toEqual(rows(late))
    const last = new Map(log.map((event) => [(event as { key: string }).key, event]))
    expect(rows(late)).toEqual(
      Array.from(last.values(), (event) => {
        const { id, name } = (event as { value: { id: string; name: string } }).value // a user's
        return [id, name]
      }).sort(),
    )
  })
})
