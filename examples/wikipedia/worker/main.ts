import { streamFetch, streamUrl } from '@streamdb/example-shared/stream-fetch'
import { Reader } from './reader.ts'
import type { Mode } from './reader.ts'

/** What `server/reader-process.mjs` passes to this process, as JSON. */
interface Order {
  readonly socketPath: string
  readonly file: string
  readonly url: string
  readonly recording?: string
  readonly mode: Mode
  readonly keep: number
  readonly maxBytes: number
}

// Only the server starts this program, and sends it messages.
const { socketPath, mode, ...order } = JSON.parse(process.argv[2] ?? '') as Order
// Ends with the server, however that ends.
process.once('disconnect', () => process.exit())

const reader = await Reader.open({
  ...order,
  ...{ urlOf: streamUrl, fetch: streamFetch(socketPath), interval: 100, grace: 30_000, minEvents: 5_000 },
  signal: new AbortController().signal,
  say: (text) => void process.send?.({ type: 'say', text }),
})
process.on('message', (message) => void reader.read(message as Mode))
await reader.read(mode)
process.send?.({ type: 'ready' })
await reader.run()
