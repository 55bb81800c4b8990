// The embedded reference server, in a process of its own, for the workloads that write.

import { DurableStreamTestServer } from '@durable-streams/server'

const server = new DurableStreamTestServer({ port: 0, host: '127.0.0.1' })
process.send?.({ url: await server.start() })
process.on('disconnect', () => process.exit())
