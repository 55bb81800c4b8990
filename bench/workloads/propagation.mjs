import { DurableStream } from '@durable-streams/client'
import { quantile } from '../lib/stats.mjs'

/** Writes by one database, one row at a time; measures until another shows it. */
export async function propagation({ open, url, kind, count }) {
  await DurableStream.create({ url, contentType: 'application/json', warnOnHttp: false })
  const [writer, reader] = [open({ url, kind, live: 'sse' }), open({ url, kind, live: 'sse' })]
  await Promise.all([writer.load(), reader.load()])
  const waits = []
  for (let index = 0; index < count + 20; index++) {
    const id = `row-${index}`
    const seen = new Promise((resolve) => {
      const subscription = reader.collections.items.subscribeChanges((changes) => {
        if (!changes.some(({ key }) => key === id)) return
        resolve(performance.now())
        subscription.unsubscribe()
      })
    })
    const began = performance.now()
    const written = writer.add({ id, owner: 'owner-0001', status: 'open', text: 'written', rank: index })
    waits.push((await seen) - began)
    await written
  }
  writer.close()
  reader.close()
  // The connections and the compiler.
  const steady = waits.slice(20)
  return { p50: quantile(steady, 0.5), p95: quantile(steady, 0.95) }
}
