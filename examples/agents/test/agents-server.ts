import { RunningProgram, scratchFolder, untilTestEnds } from '@streamdb/example-shared/testing'
import type { Lifetime } from '@streamdb/example-shared/testing'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** A server that has printed its address, and the folder that keeps its sessions. */
export type StartedServer = AgentsServer & { readonly url: string; readonly data: string }

interface StartOptions {
  readonly tokensPerSecond?: number
  readonly lifetime?: Lifetime
}

/** Runs `server.mjs` with both agents, and ends it with the test, or as `lifetime` says. */
export class AgentsServer extends RunningProgram {
  /** Starts a server whose agents write this fast, and returns when it has printed its address. */
  static async start({
    tokensPerSecond = 80,
    lifetime = untilTestEnds,
  }: StartOptions = {}): Promise<StartedServer> {
    const data = scratchFolder(lifetime)
    const env = { ...process.env, AGENTS_TOKENS_PER_SECOND: String(tokensPerSecond) }
    const server = new AgentsServer(program, ['--data', data, '--port', '0'], { env, lifetime })
    return Object.assign(server, { url: await server.printedUrl('StreamDB agents'), data })
  }
}

const json = { 'content-type': 'application/json' }

/** Makes a session of its own, in which the same has been said as in the opening room, and returns its id. */
export async function createSession(url: string, title: string): Promise<string> {
  const id = randomUUID().slice(0, 8)
  const path = `/stream/sessions/${id}`
  await send('PUT', url + path, { ...json, 'stream-forked-from': '/stream/sessions/opening-room' })
  const row = { id, title, url: url + path, messages: 3, isRunning: false, by: 'ada' }
  const value = { ...row, participants: ['ada', 'grace', 'scout', 'quill'] }
  const listed = { type: 'session', key: id, value, headers: { operation: 'upsert' } }
  await send('POST', `${url}/stream/directory`, json, JSON.stringify([listed]))
  return id
}

async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<void> {
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) })
  if (!response.ok) throw new Error(`${method} ${url} failed with ${response.status}`)
}
