import { DurableStreamTestServer } from '@durable-streams/server'

// The real stream server with its files, alone in a process that can be killed.

const [dataDir = '', port = '0'] = process.argv.slice(2)
const server = new DurableStreamTestServer({ port: Number(port), dataDir, host: '127.0.0.1' })
const url = await server.start()
process.send?.({ port: Number(new URL(url).port) })
