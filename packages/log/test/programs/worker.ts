// Reads and appends a stream in a worker thread, which has no window, and posts what it has got.

import { parentPort, workerData } from 'node:worker_threads'
import { createHttpTransport, materialize, openStream } from '../../src/index.ts'

const { url } = workerData as { url: string } // as the test gives it
const ending = new AbortController()
const transport = createHttpTransport({ ...openStream({ url }), signal: ending.signal })
const event = { type: 'user', key: 'b', value: { name: 'B' }, headers: { operation: 'upsert' } }
await transport.append({ txid: 'tx', body: JSON.stringify(event) }).done
ending.abort()
const { state, checkpoint } = await materialize({ url })
parentPort?.postMessage({ keys: [...state.getType('user').keys()], offset: checkpoint.offset })
