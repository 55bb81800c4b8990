import { startStreamServer } from '@streamdb/testkit'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/database.ts'
import { state } from '../src/state.ts'
import { createViews } from '../src/views.ts'

const people = ['ada', 'grace', 'alan']
const userId = fc.constantFrom(...people)
const messageId = fc.constantFrom('m1', 'm2', 'm3', 'm4')
const emoji = fc.constantFrom('a', 'b')

/** One action of a person. */
const step = fc.oneof(
  fc.record({ does: fc.constant('say' as const), messageId, userId, sentAt: fc.nat({ max: 5 }) }),
  fc.record({ does: fc.constant('delete' as const), messageId }),
  fc.record({ does: fc.constant('react' as const), messageId, userId, emoji, off: fc.boolean() }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** The expected room, computed without queries. */
class Oracle {
  readonly messages = new Map<string, { authorId: string; sentAt: number }>()
  readonly reactions = new Map<string, { messageId: string; emoji: string }>()

  /** Takes a step, and returns it as an event. */
  take(taken: Step): object {
    switch (taken.does) {
      case 'say': {
        const { messageId: id, userId: authorId, sentAt } = taken
        this.messages.set(id, { authorId, sentAt })
        return state.messages.upsert({ value: { id, authorId, text: id, sentAt } })
      }
      case 'delete':
        this.messages.delete(taken.messageId)
        return state.messages.delete({ key: taken.messageId })
      case 'react': {
        const { does: _, off, ...reaction } = taken
        const id = Object.values(reaction).join('/')
        if (off) this.reactions.delete(id)
        else this.reactions.set(id, reaction)
        return off
          ? state.reactions.delete({ key: id })
          : state.reactions.upsert({ value: { id, ...reaction } })
      }
    }
  }

  get timeline() {
    return [...this.messages]
      .sort(([one, { sentAt }], [other, { sentAt: later }]) => sentAt - later || one.localeCompare(other))
      .map(([id, { authorId, sentAt }]) => ({ id, sentAt, authorName: authorId }))
  }

  get counts() {
    const counts = new Map<string, number>()
    for (const { messageId: id, emoji: each } of this.reactions.values()) {
      counts.set(`${id} ${each}`, (counts.get(`${id} ${each}`) ?? 0) + 1)
    }
    return [...counts].map(([name, number]) => `${name} ${number}`).sort()
  }
}

test(
  'after every step the views are right, and each was published at most once',
  { timeout: 30_000 },
  async () => {
    const server = await startStreamServer()
    onTestFinished(() => server.stop())
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const url = await server.createStream()
        await server.appendItems(
          url,
          people.map((id) => state.users.insert({ value: { id, name: id } })),
        )
        const authorization = () => Promise.resolve('')
        const upload = () => Promise.resolve()
        const db = openDatabase({ url, fetch, authorization, user: 'ada', upload })
        const { timeline, reactions } = createViews(db.collections, 'ada')
        let publications = 0
        // A step changes one of them, and the other not at all.
        timeline.subscribeChanges(() => (publications += 1))
        reactions.subscribeChanges(() => (publications += 1))
        await db.preload()

        const oracle = new Oracle()
        for (const [index, taken] of steps.entries()) {
          publications = 0
          const txid = `step-${index}`
          const event = oracle.take(taken) as { readonly headers: object }
          await server.appendItems(url, [{ ...event, headers: { ...event.headers, txid } }])
          await db.utils.awaitTxId(txid)
          const shown = timeline.toArray.map(({ id, sentAt, authorName }) => ({ id, sentAt, authorName }))
          expect(shown).toEqual(oracle.timeline)
          const counts = reactions.toArray.map(
            ({ messageId: id, emoji: each, count }) => `${id} ${each} ${count}`,
          )
          expect(counts.sort()).toEqual(oracle.counts)
          expect(publications).toBeLessThanOrEqual(1)
        }
        db.close()
      }),
      { numRuns: 20 },
    )
  },
)
