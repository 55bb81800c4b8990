// Stores the stream of the first argument in a file and in memory, and prints its lines from there: the server cannot be
// reached then.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStreamDB } from '@streamdb/db'
import { memoryStorage } from '@streamdb/persist'
import { fileStorage } from '@streamdb/persist/node'
import { state } from './state.mjs'

const url = process.argv[2]
const directory = mkdtempSync(join(tmpdir(), 'streamdb-'))
const offline = () => Promise.reject(new TypeError('fetch failed'))
const found = new Set()
for (const storage of [memoryStorage(), fileStorage({ directory })]) {
  const open = (options) =>
    createStreamDB({ streamOptions: { url, warnOnHttp: false, ...options }, state, storage })
  const first = open({})
  await first.preload()
  await first.storage.flush()
  first.close()
  const second = open({ fetch: offline })
  await second.preload()
  const { messages, users } = second.collections
  found.add(messages.toArray.map(({ userId, text }) => `${users.get(userId).name}: ${text}`).join('\n'))
  second.close()
  await second.storage.flush()
}
rmSync(directory, { recursive: true, force: true })
console.log([...found].join(' and '))
// What a reader of a stream that cannot be reached waits for is of no use here.
process.exit(0)
