import fc from 'fast-check'
import { eventually, logOf } from '@streamdb/testkit'
import { roomServer, rowsOf } from '@streamdb/testkit/rooms'
import { afterAll, expect, test } from 'vitest'
import { createDevice } from './device.ts'
import type { Fate } from './device.ts'

afterAll(async () => (await roomServer()).stop())

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What happens to a device, one after the other. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('write' as const), key: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('refused' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('reload' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('crash' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('network' as const),
      is: fc.constantFrom('up' as const, 'down' as const, 'deaf' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), turns: fc.integer({ min: 0, max: 6 }) }),
  },
)

function toStep(text: string): Step {
  const [type, key] = text.split(' ')
  return type === 'write' ? { type, key: Number(key) } : { type: type === 'reload' ? type : 'refused' }
}

test('[O2] [O3] [O4] whatever is written, cut, lost, refused and killed: each stored write once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const device = await createDevice()
      let network: 'up' | 'down' | 'deaf' = 'up'
      device.network = (method, body): Fate => {
        if (network === 'down') return 'fail'
        if (method === 'POST' && body.includes('refuse me')) return new Response('no', { status: 400 })
        return method === 'POST' && network === 'deaf' ? 'lose-answer' : 'pass'
      }
      let page = device.open({ onError: () => undefined })
      const made: string[] = []
      const bad: string[] = []
      let writes = 0
      for (const each of steps) {
        switch (each.type) {
          case 'write': {
            const { users } = page.db.collections
            const id = `u${each.key}`
            const transaction = page.db.transact(() => {
              const row = { id, name: `write ${writes++}` }
              if (users.has(id)) users.update(id, (draft) => void (draft.name = row.name))
              else users.insert(row)
            })
            made.push(page.db.writeOf(transaction)?.txid ?? '')
            break
          }
          case 'refused': {
            const id = `bad ${writes++}`
            const transaction = page.db.collections.users.insert({ id, name: 'refuse me' })
            bad.push(page.db.writeOf(transaction)?.txid ?? '')
            break
          }
          case 'reload':
            await page.close()
            page = device.open({ onError: () => undefined })
            break
          case 'crash':
            await page.db.outbox?.whenStored()
            page.crash()
            page = device.open({ onError: () => undefined })
            break
          case 'network':
            network = each.is
            break
          case 'wait':
            for (let turn = 0; turn < each.turns; turn++)
              await new Promise((resolve) => setTimeout(resolve, 1))
        }
      }
      network = 'up'
      await page.db.outbox?.whenStored()
      page.crash()
      page = device.open({ onError: () => undefined })
      await page.db.outbox?.whenStored()
      await page.db.preload()
      await eventually(() => {
        expect(page.db.pendingWrites).toEqual([])
        expect(
          page.db.outbox
            ?.get()
            .map(({ txid }) => txid)
            .sort(),
        ).toEqual([...bad].sort())
      })
      expect(await device.log()).toEqual(made)
      const last = new Map((await logOf(device.url)).map(({ key, value }) => [key, value]))
      expect(rowsOf(page.db.collections.users)).toEqual(Object.fromEntries(last))
      await page.close()
    }),
    {
      numRuns: Number(process.env['RUNS'] ?? 25),
      // Two pages in one millisecond: the clock does not order their writes.
      examples: [[['write 0', 'write 1', 'reload', 'write 0', 'refused', 'write 1', 'write 0'].map(toStep)]],
    },
  )
}, 60_000)
