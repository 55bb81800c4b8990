import { rowVersion } from '@streamdb/state'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { open, startStream, state, zero } from './conditional-kit.ts'
import { post } from './gateway-kit.ts'
import type { Answer } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

/** How a client sends one attempt: through which gateways, one after the other. More than one: an answer was lost. */
const attempt = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 3 })
const client = fc.array(attempt, { minLength: 1, maxLength: 3 })

interface Conflict {
  readonly current?: { readonly row?: { readonly n: number } }
}

test('[AZ6] every confirmed increment is in the log once, in its order, whoever writes, through however many gateways', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(client, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 6 }),
      async (clients, restartAfter) => {
        const stream = await startStream(zero)
        const gateways = [await stream.gateway(), await stream.gateway()]
        const confirmed: string[] = []
        let sent = 0

        const send = async (txid: string, n: number, gateway: number): Promise<Answer> => {
          // A gateway that is started again knows what the log says, and no more.
          if (++sent === restartAfter) gateways[0] = await stream.gateway()
          const headers = { txid, expect: { version: rowVersion({ id: 'a', n, step: 1 }) } }
          const event = state.counters.update({ value: { id: 'a', n: n + 1, step: 1 }, headers })
          return post(gateways[gateway] ?? '', [event], {
            user: txid.split('.')[0] ?? '',
            producer: [txid, 0, 0],
          })
        }

        await Promise.all(
          clients.map(async (attempts, index) => {
            let n = 0
            for (const [number, ways] of attempts.entries()) {
              for (let tries = 0; ; tries++) {
                const txid = `c${index}.${number}.${tries}`
                const answers: Answer[] = []
                for (const way of ways) answers.push(await send(txid, n, way))
                // Sent again, it is answered as it was: stored stays stored.
                const wasStored = answers.some(({ status }) => status === 200)
                if (wasStored) {
                  expect(answers.at(-1)?.status).toBe(200)
                  confirmed.push(`${txid}:${n + 1}`)
                  n++
                  break
                }
                // Gateways that are in each other's way may give up, and ask for another try.
                for (const { error } of answers) expect(error?.code).toMatch(/^(conflict|busy)$/)
                n = (answers.at(-1)?.error as Conflict | undefined)?.current?.row?.n ?? n // what the gateway says is there
              }
            }
          }),
        )
        const log = (await stream.events())
          .slice(1)
          .map(({ value, headers }) => `${String(headers['txid'])}:${value?.n}`)
        expect(log.map((each) => Number(each.split(':')[1]))).toEqual(log.map((_, index) => index + 1))
        expect([...log].sort()).toEqual([...confirmed].sort())
      },
    ),
    { numRuns: 4 },
  )
})

test('[AZ6] databases that count together lose no increment and double none', async () => {
  const stream = await startStream(zero)
  const url = await stream.gateway()
  const dbs = ['ada', 'bob', 'cleo'].map((user) => open(url, user))
  await Promise.all(dbs.map((db) => db.preload()))
  const increments = dbs.map(async (db) => {
    for (let done = 0; done < 4;) {
      const { counters } = db.collections
      const seen = counters.get('a')
      const adding = db.transact(() => counters.update('a', (row) => void (row.n += 1)), {
        expect: 'unchanged',
      })
      const isDone = await adding.when('settled').then(
        () => true,
        () => false,
      )
      if (isDone) done++
      // What was first comes by the log.
      else if (counters.get('a')?.n === seen?.n) await db.refresh()
    }
  })
  await Promise.all(increments)
  expect((await stream.events()).map(({ value }) => value?.n)).toEqual(
    Array.from({ length: 13 }, (_, n) => n),
  )
})
