// @ts-check
import { DurableStreamTestServer } from '@durable-streams/server'

// The embedded reference server, alone in a process that can be killed: node-server.mjs PORT LONG_POLL_MS [DATA_FOLDER]
const [port, longPollTimeout, dataDir] = process.argv.slice(2)
const server = new DurableStreamTestServer({
  port: Number(port),
  host: '127.0.0.1',
  longPollTimeout: Number(longPollTimeout),
  ...(dataDir === undefined ? {} : { dataDir }),
})
await server.start()
// `server.stop()` would wait for readers that poll for ever; its files are whole at any moment.
process.once('SIGTERM', () => process.exit(0))
