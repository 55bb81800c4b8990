import { streamFetch, streamUrl } from '@streamdb/example-shared/stream-fetch'
import { copyRows } from './copy-rows.ts'
import { runKeeper } from './keeper.ts'
import { runWorker } from './worker.ts'

/** What `server/pool.mjs` passes to a process, as JSON. */
interface Order {
  readonly role: 'worker' | 'keeper'
  readonly id: string
  readonly socketPath: string
  readonly stream: string
  readonly roots: readonly string[]
  readonly output: string
  readonly pace: number
  readonly lease: number
  readonly keep: number
}

/** Copies the rows of one stream into another one, and ends. */
interface CopyOrder {
  readonly role: 'copy'
  readonly socketPath: string
  readonly from: string
  readonly to: string
}

// Only the server starts this program.
const order = JSON.parse(process.argv[2] ?? '') as Order | CopyOrder
// Ends with the server, however that ends.
process.once('disconnect', () => process.exit())
if (order.role === 'copy') {
  await copyRows(streamUrl(order.from), streamUrl(order.to), streamFetch(order.socketPath))
  process.exit()
}

const { role, id, socketPath, stream, roots, output, pace, lease, keep } = order
const stopping = new AbortController()

const access = { url: streamUrl(stream), fetch: streamFetch(socketPath), output, signal: stopping.signal }
process.send?.('started')
if (role === 'keeper') await runKeeper({ ...access, lease, keep, minEvents: 1_000 })
else await runWorker({ ...access, id, roots, pace, beat: Math.ceil(lease / 5) })
