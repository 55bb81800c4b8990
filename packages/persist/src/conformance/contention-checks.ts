import type { StreamStore } from '@streamdb/log'
import { during } from './during.ts'
import { same } from './expect.ts'
import type { StoreCheck } from './store-check.ts'
import { Subject, user, users } from './subject.ts'

const tabs = 4

/** What several tabs do at the same time. */
export const contentionChecks: readonly StoreCheck[] = [
  {
    name: 'of several who claim at the same time each has an epoch of its own',
    async run(store) {
      const opened = await openAll(store)
      const epochs: number[] = []
      for (let round = 0; round < 4; round++)
        epochs.push(...(await Promise.all(opened.map((each) => each.claim()))))
      same('different epochs', new Set(epochs).size, epochs.length)
      same('the last epoch', await opened[0]?.currentEpoch(), Math.max(...epochs))
      for (const each of opened) each.close()
    },
  },
  {
    name: 'what several keep in the outbox at the same time is all there',
    async run(store) {
      const opened = await openAll(store)
      const txids = opened.flatMap((_, tab) => [0, 1, 2].map((index) => `t${tab}-${index}`))
      await Promise.all(
        txids.map(async (txid, order) => {
          const state = { name: 'queued' } as const
          const put = [{ txid, order, events: [], createdAt: 0, attempts: 0, state }]
          await opened[order % tabs]?.outbox.change({ put })
        }),
      )
      same(
        'writes',
        (await opened[0]?.outbox.list())?.map(({ txid }) => txid),
        txids,
      )
      for (const each of opened) each.close()
    },
  },
  {
    name: 'whoever measures or reads while another one saves is not disturbed',
    async run(store) {
      const subject = await Subject.open(store)
      await subject.save(users(0, 300), { replaces: true })
      const reader = await store.open('a stream')
      // Enough for changes to be folded.
      const save = async (): Promise<void> => {
        for (let round = 0; round < 150; round++) await subject.save([user(`u${round}`, round)])
      }
      await during(save, async () => {
        same('rows', (await reader.size()).rows, 300)
        same('rows that are read', (await subject.rows(reader))?.length, 300)
      })
      reader.close()
      subject.opened.close()
    },
  },
]

async function openAll(store: StreamStore): Promise<Awaited<ReturnType<StreamStore['open']>>[]> {
  return Promise.all(Array.from({ length: tabs }, () => store.open('a stream')))
}
