// Run by initial-load.slow.test.ts as a process of its own, with --expose-gc: loads a log of argv[2] updates of 1,000
// rows that comes as one response, and prints the heap in use, in megabytes, at four points of it.

import { createStreamDB } from '../../src/index.ts'
import { room } from '@streamdb/testkit/rooms'

const count = Number(process.argv[2])
const chunk = 1000
const heaps: number[] = []
let sent = 0

/** The heap in use when nothing is left to collect. */
function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1_000_000
}

const body = new ReadableStream<Uint8Array>(
  {
    pull(controller) {
      if (sent % (count / 4) === 0) heaps.push(heap())
      const events = Array.from({ length: chunk }, (_, n) =>
        room.users.upsert({ value: { id: `u${n}`, name: `${sent + n} ${'-'.repeat(100)}` } }),
      )
      const text = events.map((event) => JSON.stringify(event)).join(',')
      controller.enqueue(new TextEncoder().encode(`${sent === 0 ? '[' : ','}${text}`))
      sent += chunk
      if (sent < count) return
      controller.enqueue(new TextEncoder().encode(']'))
      controller.close()
    },
  },
  { highWaterMark: 0 },
)
const headers = {
  'content-type': 'application/json',
  'stream-next-offset': '1',
  'stream-up-to-date': 'true',
}
const db = createStreamDB({
  streamOptions: {
    url: 'http://streamdb.test/log',
    fetch: () => Promise.resolve(new Response(body, { headers })),
  },
  state: room,
  live: false,
})
await db.preload()
const rows = db.collections.users.size
const last = db.collections.users.get('u7')?.name.split(' ')[0]
heaps.push(heap())
process.stdout.write(JSON.stringify({ heaps, rows, last }))
db.close()
