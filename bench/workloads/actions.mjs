import { DurableStream } from '@durable-streams/client'
import { startMeter } from '../lib/meter.mjs'
import { quantile } from '../lib/stats.mjs'

/** Adds rows by an action, so many at a time; each is done when it is in the log and visible. */
export async function actions({ open, url, kind, count, inFlight }) {
  await DurableStream.create({ url, contentType: 'application/json', warnOnHttp: false })
  const db = open({ url, kind, live: 'sse' })
  await db.load()
  // The connection and the compiler.
  for (let index = 0; index < 20; index++) await db.add(row(`warm-${index}`, index))

  const waits = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next++
      const began = performance.now()
      await db.add(row(`row-${index}`, index))
      waits.push(performance.now() - began)
    }
  }
  const stop = startMeter()
  await Promise.all(Array.from({ length: inFlight }, worker))
  const cost = await stop()
  if (db.collections.items.size !== count + 20)
    throw new Error(`${db.collections.items.size} rows of ${count + 20}`)
  db.close()
  return { ...cost, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), rate: count / cost.wall }
}

const row = (id, rank) => ({ id, owner: 'owner-0001', status: 'open', text: 'written by an action', rank })
