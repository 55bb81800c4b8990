// Run by endurance.slow.test.ts as a process of its own, with --expose-gc: opens and closes a thousand databases, reconnects
// one of them ten thousand times, and prints what is left of it all.

import { createStreamDB } from '../../src/index.ts'
import { room } from '@streamdb/testkit/rooms'

const [url = '', databases = '', reconnects = ''] = process.argv.slice(2)
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** The heap in use, in megabytes, when nothing is left to collect. */
async function heap(): Promise<number> {
  // Promises and finalizers have their turn between two collections.
  for (let round = 0; round < 3; round++) {
    await turn()
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed / 1_000_000
}

async function openAndClose(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const db = createStreamDB({ streamOptions: { url: `${url}/still` }, state: room })
    db.subscribeStatus(() => undefined)
    await db.preload()
    db.collections.users.subscribeChanges(() => undefined)
    db.close()
  }
}

async function reconnect(times: number, from: number): Promise<void> {
  await new Promise<void>((resolve) => {
    wanted = { offset: from + times, resolve }
  })
}

let wanted: { readonly offset: number; readonly resolve: () => void } | undefined

await openAndClose(500)
const afterSome = await heap()
await openAndClose(Number(databases))
const afterAll = await heap()

const db = createStreamDB({
  streamOptions: { url: `${url}/broken` },
  state: room,
  retry: { initialDelay: 1, maxDelay: 1 },
  onBatch: ({ offset }) => {
    if (wanted !== undefined && Number(offset) >= wanted.offset) wanted.resolve()
  },
})
void db.preload()
await reconnect(1000, 0)
const afterFirst = await heap()
await reconnect(Number(reconnects), 1000)
const afterLast = await heap()
const rows = db.collections.users.size
db.close()
await turn()

const left = process.getActiveResourcesInfo()
const result = {
  databases: { afterSome, afterAll },
  reconnects: { afterFirst, afterLast },
  rows,
  timers: left.filter((kind) => kind === 'Timeout').length,
  sockets: left.filter((kind) => kind === 'TCPSocketWrap').length,
  listeners: process.eventNames().length,
}
process.stdout.write(JSON.stringify(result))
