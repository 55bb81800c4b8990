import { signIn } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import { expect, test, vi } from 'vitest'
import { AgentsServer } from './agents-server.ts'

const patient = { timeout: 20_000 }

vi.setConfig({ testTimeout: 60_000 })

test('[A41] accepts the requests of the page, and no others', async () => {
  const { url } = await AgentsServer.start()
  const { port } = new URL(url)
  const json = { 'content-type': 'application/json' }
  const signedIn = await signIn(url)
  const ask = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ) =>
    (
      await fetch(url + path, {
        method,
        headers: { ...signedIn, ...headers },
        ...(body !== undefined && { body }),
      })
    ).status
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

test('[HO7] nobody writes in another’s name, and agents write as themselves', async () => {
  const { url } = await AgentsServer.start()
  const session = '/stream/sessions/opening-room'
  const put = (type: string, value: { readonly id: string }) => ({
    ...{ type, key: value.id, value, headers: { operation: 'upsert' } },
  })
  /** Appends as somebody, and returns the status and the code of the refusal. */
  const write = async (person: string | undefined, path: string, ...events: readonly object[]) => {
    const response = await fetch(url + path, {
      ...{ method: 'POST', body: JSON.stringify(events) },
      headers: { 'content-type': 'application/json', ...(person && (await signIn(url, person))) },
    })
    const { error } = Object(await response.json().catch(() => ({}))) as { error?: { code: string } }
    return [response.status, error?.code].filter(Boolean).join(' ')
  }
  const message = (author: string, more: object = {}) =>
    put('message', {
      id: `by-${author}`,
      ...{ role: 'user', author, createdAt: '2026-01-01T12:00:00.000Z' },
      ...more,
    })

  expect(await write('grace', session, message('grace'))).toBe('204')
  expect(await write(undefined, session, message('grace'))).toBe('401 unauthenticated')
  expect(await write('grace', session, message('ada'))).toBe('403 another-name')
  expect(await write('grace', session, message('scout', { role: 'assistant' }))).toBe('403 another-name')
  expect(await write('ada', session, message('grace', { role: 'system' }))).toMatch(/^403 /)
  expect(await write('grace', session, put('participant', { id: 'ada', ...{ kind: 'person' } }))).toBe(
    '403 another-name',
  )
  expect(await write('ada', session, { headers: { control: 'reset' } })).toBe('403 control-event')
  const run = { ...{ agent: 'scout', status: 'running', triggers: [], message: 'scout.x' }, id: 'scout.x' }
  expect(
    await write('ada', session, put('run', { ...run, ...{ attempt: 1, epoch: 1, holder: 'ada' } })),
  ).toMatch(/^(403|422) /)
  // An agent's process has a token of its own; nobody signs in as an agent.
  expect((await fetch(`${url}/sign-in/scout`, { method: 'POST' })).status).toBe(404)

  // What belongs to who has made it: its place in the list, and the whole.
  const listed = { ...{ id: 'captions', title: 'Mine', url: `${url}/x`, participants: [] }, by: 'grace' }
  const row = { ...listed, messages: 0, isRunning: false }
  expect(await write('grace', '/stream/directory', put('session', row))).toMatch(/^403 /)
  const ask = async (person: string, method: string, path: string) => {
    const headers = { 'content-type': 'application/json', ...(await signIn(url, person)) }
    return (await fetch(url + path, { method, headers })).status
  }
  expect(await ask('grace', 'DELETE', session)).toBe(403)
  // Whoever lists a session has made it, though somebody else opens it sooner.
  expect(await write('grace', '/stream/directory', put('session', { ...row, id: 'new' }))).toBe('204')
  expect(await ask('ada', 'PUT', '/stream/sessions/new')).toBeLessThan(300)
  expect(await ask('ada', 'DELETE', '/stream/sessions/new')).toBe(403)
  expect(await ask('grace', 'DELETE', '/stream/sessions/new')).toBe(204)
  const notes = '/v1/yjs/sessions/docs/stream/sessions/opening-room/documents/notes'
  for (const path of [notes, `${session}/files/b`]) {
    const headers = { 'content-type': path === notes ? 'application/octet-stream' : 'text/plain' }
    expect((await fetch(url + path, { method: 'PUT', headers })).status, path).toBe(401)
  }
})
