import { scratchFolder, signIn } from '@streamdb/example-shared/testing'
import { decodeStateEvent, MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { ChatServer } from './chat-server.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Runs the server until it ends by itself. */
async function refusal(...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await new ChatServer(options).ended
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).not.toMatch(/^\s+at /m)
  return stderr
}

/** Returns what the room's stream holds. */
async function stateOf(url: string, room: string): Promise<MaterializedState> {
  const response = await fetch(`${url}/stream/rooms/${room}?offset=-1`, { headers: await signIn(url) })
  // Decoded below.
  const events = (await response.json()) as StateEvent[]
  for (const event of events) expect(decodeStateEvent(event)).toBe(event)
  const state = new MaterializedState()
  state.applyBatch(events)
  return state
}

async function say(url: string, id: string): Promise<Response> {
  const value = { id, authorId: 'ada', text: 'hello', sentAt: 1 }
  return fetch(`${url}/stream/rooms/lobby`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await signIn(url)) },
    body: JSON.stringify({ type: 'message', key: id, value, headers: { operation: 'insert' } }),
  })
}

test('refuses invalid options and a port in use', async () => {
  expect(await refusal('--port', 'high')).toMatch(/"high"\nUsage: npm start -- \[--port NUMBER\]/)
  expect(await refusal('--prot', '1')).toMatch(/'--prot'[^]*Usage: /)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  expect(await refusal('--port', port, '--data', scratchFolder())).toContain(`Port ${port} cannot be used`)
  other.close()
})

test('serves the page and seeded rooms, and prints its address', async () => {
  const server = await ChatServer.start()
  expect(await (await fetch(server.url)).text()).toContain('<div id="root">')
  expect(await (await fetch(`${server.url}/chat.json`)).json()).toMatchObject({
    rooms: [{ id: 'lobby' }, { id: 'kitchen' }, { id: 'archive' }],
    people: { length: 8 },
  })
  expect((await stateOf(server.url, 'lobby')).getType('user').size).toBe(8)
  expect((await stateOf(server.url, 'archive')).getType('message').size).toBe(10_000)

  const reader = await fetch(`${server.url}/stream/rooms/lobby?offset=now&live=sse`, {
    headers: await signIn(server.url),
  })
  const read = reader.text().catch(() => undefined)
  const { code, stdout, stderr } = await server.stop()
  await read
  expect(code).toBe(0)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^StreamDB chat: http:\/\/127\.0\.0\.1:\d+\n$/)
})

test('rooms survive a stop and a kill, and are seeded once', async () => {
  const data = scratchFolder()
  const said: string[] = []
  for (const end of ['stop', 'kill'] as const) {
    const server = await ChatServer.start({ data })
    said.push(`before a ${end}`)
    expect((await say(server.url, `before a ${end}`)).status).toBe(204)
    await server[end]()
  }
  const { url } = await ChatServer.start({ data })
  const messages = [...(await stateOf(url, 'lobby')).getType('message').keys()]
  expect(messages).toEqual(['lobby-1', 'lobby-2', 'lobby-3', 'lobby-4', ...said])
  expect(await refusal('--data', data)).toContain(`This chat is open already: ${url}`)
})

test('accepts the requests of the page, and no others', async () => {
  const { url } = await ChatServer.start()
  const { port } = new URL(url)
  const signedIn = await signIn(url)
  const ask = async (path: string, method: string, type = '', body?: string, origin?: string) => {
    const headers = { ...signedIn, ...(type && { 'content-type': type }), ...(origin && { origin }) }
    return (await fetch(url + path, { method, headers, ...(body !== undefined && { body }) })).status
  }
  expect(await ask('/stream/rooms/lobby', 'DELETE')).toBe(405)
  expect(await ask('/stream/rooms/another', 'PUT', 'application/json')).toBe(405)
  expect(await ask('/stream/elsewhere', 'PUT', 'application/json')).toBe(404)
  expect(await ask('/_test/inject-error', 'POST', 'application/json', '{}')).toBe(404)
  expect(await ask('/stream/rooms/lobby', 'POST', 'application/json', `"${'x'.repeat(400_000)}"`)).toBe(413)
  // Snapshots are made by the server alone.
  const snapshot = '/stream/rooms/lobby.snapshots'
  expect(await ask(`${snapshot}?offset=-1`, 'GET')).toBe(200)
  expect(await ask(snapshot, 'POST', 'application/json', '[]')).toBe(405)
  expect(await ask(`${snapshot}.0_1.abc`, 'PUT', 'application/json', '[]')).toBe(405)
  const read = async (origin: string) => ask('/stream/rooms/lobby?offset=now', 'GET', '', undefined, origin)
  expect(await read('https://elsewhere.example')).toBe(403)
  expect(await read('http://tab.localhost:1')).toBe(403)
  expect(await read(`http://tab.localhost:${port}`)).toBe(200)

  expect(await ask('/stream/files/a', 'PUT', 'image/svg+xml')).toBe(415)
  expect(await ask('/stream/files/a', 'PUT', 'text/html')).toBe(415)
  expect(await ask('/stream/files/a', 'PUT', 'image/png')).toBe(201)
  expect(await ask('/stream/files/a', 'POST', 'image/png', 'one')).toBe(204)
  const file = await fetch(`${url}/stream/files/a?offset=-1`)
  expect([file.headers.get('content-type'), await file.text()]).toEqual(['image/png', 'one'])
})
