import { createManualLog, eventually } from '@streamdb/testkit'
import { message, quick, room, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLiveQueryCollection, createStreamDB, eq } from '../src/index.ts'
import type { ActionDefinitions, ChangeEvent, CreateStreamDBOptions, StreamDB } from '../src/index.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

type Step = 'own' | 'foreign' | 'store' | 'refuse' | 'lose' | 'roll back'

const steps = fc.array(
  fc.constantFrom<Step>('own', 'own', 'foreign', 'store', 'store', 'refuse', 'lose', 'roll back'),
  { minLength: 1, maxLength: 12 },
)

function open<Actions extends ActionDefinitions = Record<never, never>>(
  options: Partial<CreateStreamDBOptions<Room, Actions>> = {},
) {
  const log = createManualLog()
  // Events of this state are the ones that its log holds.
  const append = (...events: unknown[]): void => log.append(events as ChangeEvent[])
  append(user('u', '0'), message('m', 'u', '0'))
  const db = createStreamDB<Room, Actions>({
    streamOptions: { url: 'http://streamdb.test/room', fetch: log.fetch },
    state: room,
    live: 'long-poll',
    retry: quick,
    ...options,
  })
  onTestFinished(() => db.close())
  return { log, append, db }
}

function joined(db: StreamDB<Room>) {
  return createLiveQueryCollection((q) =>
    q
      .from({ message: db.collections.messages })
      .leftJoin({ author: db.collections.users }, ({ message: m, author }) => eq(m.userId, author.id))
      .select(({ message: m, author }) => ({ id: m.id, text: m.text, name: author?.name })),
  )
}

describe('[C1] every transaction sets two rows of two collections to the same value', () => {
  test('[F-real-74] [F-real-49] queries and listeners never see them differ, whoever writes and whatever becomes of it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const { log, append, db } = open()
        const { users, messages } = db.collections
        await db.preload()
        const live = joined(db)
        await live.preload()
        const torn: string[] = []
        // A transaction of this client changes one row after the other, and says so to listeners of the collections.
        let isMutating = false
        const check = (who: string): void => {
          const [name, text] = [users.get('u')?.name, messages.get('m')?.text]
          if (!isMutating && name !== text) torn.push(`${who}: ${name} ${text}`)
        }
        users.subscribeChanges(() => check('users'), { includeInitialState: false })
        messages.subscribeChanges(() => check('messages'), { includeInitialState: false })
        live.subscribeChanges(
          (changes) => {
            for (const { type, value } of changes) {
              if (type !== 'delete' && value.name !== value.text)
                torn.push(`query: ${value.name} ${value.text}`)
            }
          },
          { includeInitialState: false },
        )
        let version = 0
        for (const step of taken) {
          const value = String(++version)
          if (step === 'own') {
            isMutating = true
            void db
              .transact(() => {
                users.update('u', (draft) => void (draft.name = value))
                messages.update('m', (draft) => void (draft.text = value))
              })
              .when('settled')
              .catch(() => undefined)
            isMutating = false
          } else if (step === 'roll back') db.pendingWrites.at(-1)?.transaction.rollback()
          else if (step === 'foreign') append(user('u', value, value), message('m', 'u', value, value))
          else {
            for (let turn = 0; turn < 5; turn++) await nextTurn()
            log.decide(step)
          }
          await eventually(() => expect(db.offset).toBe(log.end))
        }
        db.close()
        expect(torn).toEqual([])
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})

describe('[F-real-15] a temporary id that the server replaces', () => {
  test.each(['before its answer', 'after its answer'])(
    'the temporary row goes in the publication in which the row comes: %s',
    async (when) => {
      let answer: (() => void) | undefined
      const { append, db } = open({
        actions: ({ db: own }) => ({
          add: {
            onMutate: (text: string) =>
              void own.collections.messages.insert({ id: 'temporary', userId: 'u', text }),
            // The application's own server makes the id. It writes under the txid that it is given.
            mutationFn: async (text: string, { txid }) => {
              const store = (): void => append(message('m99', 'u', text, txid))
              if (when.startsWith('before')) store()
              await new Promise<void>((resolve) => (answer = resolve))
              if (when.startsWith('after')) store()
              return { txid }
            },
          },
        }),
      })
      await db.preload()
      const live = joined(db)
      await live.preload()
      const publications: string[][] = []
      const note = (changes: readonly { readonly type: string; readonly key: unknown }[]): void => {
        if (changes.length > 0)
          publications.push(changes.map(({ type, key }) => `${type} ${String(key)}`).sort())
      }
      db.collections.messages.subscribeChanges(note, { includeInitialState: false })
      const both: number[] = []
      live.subscribeChanges(() => both.push(live.size), { includeInitialState: false })
      const transaction = db.actions.add('hello')
      expect(live.size).toBe(2)
      if (when.startsWith('before'))
        await eventually(() => expect(db.collections.messages.has('m99')).toBe(true))
      answer?.()
      await transaction.when('settled')
      await eventually(() => expect(db.collections.messages.has('m99')).toBe(true))
      expect(publications).toEqual([['insert temporary'], ['delete temporary', 'insert m99']])
      // Never both of them.
      expect(both).toEqual([2, 2])
    },
  )
})
