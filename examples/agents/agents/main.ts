// The process of an agent: node agents.mjs NAME ADDRESS. It ends with the server that has started it.

import { quill } from './quill.ts'
import { scout } from './scout.ts'
import { serveSessions } from './serve-sessions.ts'

const [id = '', address = ''] = process.argv.slice(2)
const agent = [scout, quill].find(({ name }) => name === id)
if (agent === undefined) throw new Error(`There is no agent "${id}"`)

process.once('disconnect', () => process.exit())
const close = await serveSessions(address, agent, process.env['AGENTS_TOKEN'] ?? '')
process.once('SIGTERM', () => void close().finally(() => process.exit()))
process.send?.('ready')
