import type { StoredChange, StoredRow, StoredWrite } from '@streamdb/log'
import { contentionChecks } from './contention-checks.ts'
import { during } from './during.ts'
import { rejects, same } from './expect.ts'
import { nameChecks } from './name-checks.ts'
import type { StoreCheck } from './store-check.ts'
import { message, Subject, user, users } from './subject.ts'

/**
 * What every store must do: run each with a new store of yours, in any test runner.
 *
 * @example
 * ```ts
 * import { storeChecks } from '@streamdb/persist/conformance'
 *
 * for (const { run } of storeChecks) await run(createStreamStore(createMemoryBlocks()))
 * ```
 */
export const storeChecks: readonly StoreCheck[] = [
  {
    name: 'a store with nothing in it has nothing',
    async run(store) {
      const opened = await store.open('a stream')
      same('load', await opened.load(), undefined)
      same('head', await opened.readHead(), undefined)
      same('epoch', await opened.currentEpoch(), 0)
      same('outbox', await opened.outbox.list(), [])
      same('size', await opened.size().then(({ rows, writes }) => [rows, writes]), [0, 0])
      opened.close()
    },
  },
  {
    name: 'rows come back in the order of their insertion, with their head, many of them in several chunks',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      const rows = [user('u1'), message('m1'), ...users(2, 9000), message('m2')]
      await subject.save(rows, { replaces: true })
      await subject.reopen()
      same('rows', await subject.rows(), rows)
      const head = await subject.opened.readHead()
      same('checkpoint', head?.checkpoint, { offset: '1' })
      same(
        'identity, version, types',
        [head?.identity, head?.version, head?.types],
        [{ id: 'one' }, 1, ['user', 'message']],
      )
      same('age', Date.now() - (head?.savedAt ?? 0) < 60_000, true)
      same('size', (await subject.opened.size()).rows, rows.length)
      subject.opened.close()
    },
  },
  {
    name: 'a change replaces a row at its place; one that was deleted has a new place',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      await subject.save([user('u1'), user('u2'), user('u3')], { replaces: true })
      await subject.save([['user', 'u1'], user('u2', 'B'), user('u4')])
      await subject.save([user('u1', 'again'), ['user', 'u3'], ['user', 'absent']])
      await subject.reopen()
      same('rows', await subject.rows(), [user('u2', 'B'), user('u4'), user('u1', 'again')])
      await subject.save([message('m1')], { replaces: true })
      same('after a replacing commit', await subject.rows(), [message('m1')])
      await subject.save([])
      same('checkpoint alone', (await subject.opened.readHead())?.checkpoint, { offset: '5' })
      subject.opened.close()
    },
  },
  {
    name: 'values are any JSON, under any names; a row that was refused comes behind the one that is shown',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      const hostile: StoredRow[] = [
        [
          '__proto__',
          'constructor',
          JSON.parse('{"__proto__":{"a":1},"n":-0.5,"s":"\\ud83d\\ude00\\ud800"}'),
        ],
        ['a b/ö', '\u0000"\\', [null, true, [], {}, 1e300]],
        ['user', 'u1', { id: 'u1' }, 3],
        ['user', 'u1', { id: 'u1', bad: true }, 3, true],
      ]
      await subject.save(hostile, { replaces: true })
      await subject.reopen()
      same('rows', await subject.rows(), hostile)
      await subject.save([user('u1', 'good')])
      same('after a valid one', (await subject.rows())?.slice(2), [user('u1', 'good')])
      subject.opened.close()
    },
  },
  {
    name: 'the last who claimed it saves; an earlier one changes nothing',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      await subject.save([user('u1')], { replaces: true })
      const other = await store.open('a stream')
      const epoch = await other.claim()
      same('epoch', epoch > subject.epoch, true)
      await rejects('saving with an old epoch', subject.save([user('u2')]), 'storage-stale')
      await rejects(
        'replacing with an old epoch',
        subject.save(users(0, 9000), { replaces: true }),
        'storage-stale',
      )
      await rejects(
        'the outbox with an old epoch',
        subject.opened.outbox.change({ put: [write('t1', 1)] }, subject.epoch),
        'storage-stale',
      )
      same('rows', await subject.rows(other), [user('u1')])
      same('outbox', await other.outbox.list(), [])
      await subject.save([user('u3')], { epoch })
      same('rows of both', await subject.rows(other), [user('u1'), user('u3')])
      await other.clear()
      same('an epoch after clear', (await other.claim()) > epoch, true)
      other.close()
      subject.opened.close()
    },
  },
  {
    name: 'streams know nothing of each other; clear leaves nothing of one',
    async run(store) {
      const [a, b] = [await Subject.open(store, { id: 'a' }), await Subject.open(store, { id: 'ab' })]
      await a.save([user('u1')], { replaces: true })
      await b.save([user('u2')], { replaces: true })
      await a.opened.outbox.change({ put: [write('t1', 1)] })
      await a.opened.clear()
      same('rows', [await a.rows(), await b.rows()], [undefined, [user('u2')]])
      same('outbox', await a.opened.outbox.list(), [])
      const { rows, writes } = await a.opened.size()
      same('size', [rows, writes], [0, 0])
      await rejects('saving after it was cleared', a.save([user('u3')]), 'storage-stale')
      a.opened.close()
      b.opened.close()
    },
  },
  {
    name: 'the outbox keeps writes by their order; those that a commit brings leave it with it',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      const { outbox } = subject.opened
      await outbox.change({ put: [write('t2', 2), write('t1', 1), write('t3', 3)], notes: { producer: 'p' } })
      same(
        'order',
        (await outbox.list()).map(({ txid }) => txid),
        ['t1', 't2', 't3'],
      )
      const update = [write('t9', 9), { ...write('t2', 2), attempts: 1 }]
      same('update', await outbox.change({ update, remove: ['t3', 'absent'] }, subject.epoch), ['t9'])
      await subject.save([user('u1')], { replaces: true, txids: ['t1', 'unknown'] })
      await subject.reopen()
      const kept = await subject.opened.outbox.list()
      same(
        'kept',
        kept.map(({ txid, attempts }) => [txid, attempts]),
        [['t2', 1]],
      )
      same('note', await subject.opened.outbox.note('producer'), 'p')
      await subject.opened.outbox.change({ notes: { producer: undefined } })
      same('no note', await subject.opened.outbox.note('producer'), undefined)
      subject.opened.close()
    },
  },
  {
    name: 'of two decisions about a refused write the outbox takes the first, as a whole',
    async run(store) {
      const subject = await Subject.open(store)
      const { outbox } = subject.opened
      const error = { code: 'write-failed', message: 'refused' } as const
      const refused = (txid: string, order: number): StoredWrite => ({
        ...write(txid, order),
        state: { name: 'refused', error },
      })
      const txids = async (): Promise<readonly string[]> => (await outbox.list()).map(({ txid }) => txid)
      await outbox.change({ put: [refused('t1', 1), refused('t2', 2)] })
      const replace = (by: string) => ({
        ...{ put: [write(by, 3)], remove: ['t1'], ifRefused: [{ remove: 't1', put: by }] },
      })
      const both = await Promise.all([outbox.change(replace('a')), outbox.change(replace('b'))])
      same('one of two is not done', both.flat().length, 1)
      same('the other one is', await txids(), ['t2', both.flat()[0] === 'a' ? 'b' : 'a'])
      await outbox.change({ update: [write('t2', 4)] })
      const late = await outbox.change({ remove: ['t2'], ifRefused: [{ remove: 't2' }] })
      same('what is not refused any more stays', late, ['t2'])
      same('the writes', (await txids()).length, 2)
    },
  },
  {
    name: 'many saves end at the same rows as one',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      const expected = new Map<string, StoredRow>()
      const random = randomFrom(7)
      await subject.save(users(0, 6000), { replaces: true })
      for (const row of users(0, 6000)) expected.set(row[1], row)
      for (let round = 0; round < 160; round++) {
        const changes: StoredChange[] = []
        const touched = new Set<string>()
        for (let index = 0; index < 40; index++) {
          const key = `u${Math.floor(random() * 7000)}`
          if (touched.has(key)) continue
          touched.add(key)
          const isDelete = random() < 0.3
          if (isDelete) expected.delete(key)
          else expected.set(key, user(key, round))
          changes.push(isDelete ? ['user', key] : user(key, round))
        }
        await subject.save(changes)
      }
      same('rows', await subject.rows(), [...expected.values()])
      await subject.reopen()
      same('rows, opened again', await subject.rows(), [...expected.values()])
      subject.opened.close()
    },
  },
  {
    name: 'whoever reads while another one saves sees a commit wholly, or not at all',
    async run(store, again) {
      const subject = await Subject.open(store, { again })
      await subject.save(users(0, 5000, 0), { replaces: true })
      const reader = await store.open('a stream')
      const save = async (): Promise<void> => {
        for (let round = 1; round <= 8; round++)
          await subject.save(users(0, 5000, round), { replaces: round % 2 === 0 })
      }
      await during(save, async () => {
        const names = new Set(
          (await subject.rows(reader))?.map(([, , value]) => (value as { name: unknown }).name),
        ) // of a user
        same('values in one reading', names.size, 1)
      })
      reader.close()
      subject.opened.close()
    },
  },
  ...nameChecks,
  ...contentionChecks,
]

function write(txid: string, order: number): StoredWrite {
  return { txid, order, events: [], createdAt: 0, attempts: 0, state: { name: 'queued' } }
}

/** Numbers in [0, 1), the same for each seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
