import type { StoredWrite } from '@streamdb/log'
import { same } from './expect.ts'
import type { StoreCheck } from './store-check.ts'
import { Subject, user } from './subject.ts'

// What databases take for the same name, or for a pattern: letters by their case or their form, spaces at the end, `_` and
// `%`, all but the first characters.
const long = 'a'.repeat(300)
const names = [
  'a b',
  'A b',
  'a b ',
  'a_b',
  'a%b',
  'a*b',
  'a',
  "a'b",
  'é',
  'e\u0301',
  'É',
  '10',
  '9',
  `${long}1`,
  `${long}2`,
]

/** What is kept under names that are almost the same. */
export const nameChecks: readonly StoreCheck[] = [
  {
    name: 'streams of almost the same name are different ones',
    async run(store, again) {
      const subjects: Subject[] = []
      for (const name of names) {
        const subject = await Subject.open(store, { id: name, again })
        await subject.save([user('u1', name)], { replaces: true })
        if (name.includes('_')) await subject.opened.outbox.change({ put: [toWrite('t1', 1)] })
        subjects.push(subject)
      }
      for (const subject of subjects) await subject.reopen()
      const stored = (): Promise<unknown> => Promise.all(subjects.map((subject) => subject.rows()))
      const expected = names.map((name) => [user('u1', name)])
      same('rows', await stored(), expected)
      const sizes = await Promise.all(subjects.map(({ opened }) => opened.size()))
      same(
        'writes',
        sizes.map(({ writes }) => writes),
        names.map((name) => (name.includes('_') ? 1 : 0)),
      )
      const isCleared = (index: number): boolean => index % 2 === 0
      for (const [index, { opened }] of subjects.entries()) if (isCleared(index)) await opened.clear()
      same(
        'rows of those that were not cleared',
        await stored(),
        expected.map((rows, index) => (isCleared(index) ? undefined : rows)),
      )
      for (const { opened } of subjects) opened.close()
    },
  },
  {
    name: 'writes of almost the same txid are different ones, and there may be thousands',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      const txids = [...names, ...Array.from({ length: 2500 }, (_, index) => `t${index}`)]
      await subject.opened.outbox.change({ put: txids.map(toWrite) })
      await subject.reopen()
      const kept = async (): Promise<readonly string[]> =>
        (await subject.opened.outbox.list()).map(({ txid }) => txid)
      same('writes', await kept(), txids)
      same('size', (await subject.opened.size()).writes, txids.length)
      await subject.opened.outbox.change({ remove: ['a b', 'a_b', `${long}1`] })
      same(
        'writes that were not removed',
        (await kept()).slice(0, names.length - 3),
        names.filter((name) => !['a b', 'a_b', `${long}1`].includes(name)),
      )
      subject.opened.close()
    },
  },
]

function toWrite(txid: string, order: number): StoredWrite {
  return { txid, order, events: [], createdAt: 0, attempts: 0, state: { name: 'queued' } }
}
