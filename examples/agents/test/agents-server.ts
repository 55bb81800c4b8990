import { RunningProgram, scratchFolder, signIn, untilTestEnds } from '@streamdb/example-shared/testing'
import type { Lifetime } from '@streamdb/example-shared/testing'
import { streamServerOption } from '@streamdb/testkit'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** A server that has printed its address, and the folder that keeps its sessions. */
export type StartedServer = AgentsServer & { readonly url: string; readonly data: string }

interface StartOptions {
  readonly tokensPerSecond?: number
  readonly lifetime?: Lifetime
  readonly base?: NodeJS.ProcessEnv
}

/** Runs `server.mjs` with both agents, and ends it with the test, or as `lifetime` says. */
export class AgentsServer extends RunningProgram {
  /** Starts a server whose agents write this fast, and returns when it has printed its address. */
  static async start({
    tokensPerSecond = 80,
    lifetime = untilTestEnds,
    base = process.env,
  }: StartOptions = {}): Promise<StartedServer> {
    const data = scratchFolder(lifetime)
    const env = { ...base, AGENTS_TOKENS_PER_SECOND: String(tokensPerSecond) }
    const where = await streamServerOption(data, lifetime)
    const server = new AgentsServer(program, ['--data', data, '--port', '0', ...where], { env, lifetime })
    return Object.assign(server, { url: await server.printedUrl('StreamDB agents'), data })
  }
}

const json = { 'content-type': 'application/json' }

/** Makes a session of its own, in which the same has been said as in the opening room and then `more`, and returns its id. */
export async function createSession(
  url: string,
  title: string,
  more: readonly string[] = [],
): Promise<string> {
  const id = randomUUID().slice(0, 8)
  const path = `/stream/sessions/${id}`
  const [ada, grace] = await Promise.all([signIn(url, 'ada'), signIn(url, 'grace')])
  await send('PUT', url + path, {
    ...{ ...json, ...ada },
    'stream-forked-from': '/stream/sessions/opening-room',
  })
  const said = more.flatMap((text, index) => {
    const message = `${id}-${index}`
    const createdAt = '2026-01-01T12:00:00.000Z'
    const part = { id: `${message}.0`, message, index: 0, kind: 'text', state: 'done', text }
    return [
      upsert('message', { id: message, role: 'user', author: 'grace', createdAt }),
      upsert('part', part),
    ]
  })
  // Two windows that open the notes at once would both list them, and the second would be refused.
  const notes = { id: 'notes', by: 'ada', path: `${path.slice(1)}/documents/notes`, title: 'Notes' }
  await send('POST', url + path, { ...json, ...ada }, JSON.stringify([upsert('document', notes)]))
  if (said.length > 0) await send('POST', url + path, { ...json, ...grace }, JSON.stringify(said))
  const row = { id, title, url: url + path, messages: 3 + more.length, isRunning: false, by: 'ada' }
  const listed = upsert('session', { ...row, participants: ['ada', 'grace', 'scout', 'quill'] })
  await send('POST', `${url}/stream/directory`, { ...json, ...ada }, JSON.stringify([listed]))
  return id
}

function upsert<Row extends { readonly id: string }>(type: string, value: Row) {
  return { type, key: value.id, value, headers: { operation: 'upsert' } }
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
