// Run by lifecycle.test.ts as a process of its own: opens the database of argv[2], loads it, closes it, and has to exit.

import { createStreamDB } from '../../src/index.ts'
import { room } from '@streamdb/testkit/rooms'

const db = createStreamDB({ streamOptions: { url: process.argv[2] ?? '' }, state: room })
await db.preload()
const { name } = db.status
db.close()
process.stdout.write(`${db.collections.users.size} users, ${name}, ${db.status.name}\n`)
