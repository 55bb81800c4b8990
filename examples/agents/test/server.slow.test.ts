import { eventually } from '@streamdb/testkit'
import { expect, test, vi } from 'vitest'
import { AgentsServer } from './agents-server.ts'

const patient = { timeout: 20_000 }

vi.setConfig({ testTimeout: 60_000 })

test('[A41] accepts the requests of the page, and no others', async () => {
  const { url } = await AgentsServer.start()
  const { port } = new URL(url)
  const json = { 'content-type': 'application/json' }
  const ask = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ) => (await fetch(url + path, { method, headers, ...(body !== undefined && { body }) })).status
  const session = '/stream/sessions/opening-room'

  // Streams: what the server tells is told by nobody else, and a fork is of a session.
  expect(await ask('POST', '/stream/processes', json, '[]')).toBe(405)
  expect(await ask('DELETE', '/stream/directory')).toBe(405)
  expect(await ask('PUT', '/stream/sessions/a/b', json)).toBe(404)
  expect(await ask('PUT', '/stream/sessions/a', { ...json, 'stream-forked-from': '/stream/directory' })).toBe(
    403,
  )
  expect(await ask('PUT', '/stream/sessions/a', { ...json, 'stream-forked-from': session })).toBe(201)
  expect(await ask('DELETE', '/stream/sessions/a')).toBe(204)
  expect(await ask('POST', session, json, `"${'x'.repeat(400_000)}"`)).toBe(413)
  expect(await ask('GET', `${session}?offset=now`, { origin: 'https://elsewhere.example' })).toBe(403)

  // Files: nothing that a browser would run.
  expect(await ask('PUT', `${session}/files/a`, { 'content-type': 'image/svg+xml' })).toBe(415)
  expect(await ask('PUT', `${session}/files/a`, { 'content-type': 'text/plain' })).toBe(201)
  expect(await ask('POST', `${session}/files/a`, { 'content-type': 'text/plain' }, '<b>')).toBe(204)
  const file = await fetch(`${url}${session}/files/a?offset=-1`)
  expect([file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([
    'text/plain',
    'attachment',
  ])

  // Documents: those of sessions, and nothing behind them.
  const notes = '/v1/yjs/sessions/docs/stream/sessions/opening-room/documents/notes'
  expect(await ask('PUT', notes, { 'content-type': 'application/octet-stream' })).toBeLessThan(300)
  expect(await ask('GET', '/v1/yjs/elsewhere/docs/a/b')).toBe(404)
  expect(await ask('GET', `${notes}?awareness=../../directory`)).toBe(404)
  expect(await ask('DELETE', notes)).toBe(405)
  const large = 'x'.repeat(300_000)
  expect(await ask('POST', notes, { 'content-type': 'application/octet-stream' }, large)).toBe(413)

  // Commands: a POST from a page of this server.
  const processes = async () => (await fetch(`${url}/stream/processes?offset=-1`)).text()
  await eventually(async () => expect(await processes()).toMatch(/"scout","state":"running"/), patient)
  expect(await ask('GET', '/agents/scout/kill')).toBe(405)
  expect(await ask('POST', '/agents/scout/kill', { origin: 'https://elsewhere.example' })).toBe(403)
  expect(await ask('POST', '/agents/scout/kill', {}, 'x')).toBe(413)
  expect(await ask('POST', '/agents/nobody/kill')).toBe(404)
  expect(await ask('POST', '/agents/scout/kill', { origin: `http://tab.localhost:${port}` })).toBe(200)
  await eventually(async () => expect(await processes()).toContain('It was ended by SIGKILL.'), patient)
})
