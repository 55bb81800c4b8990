import { createServer } from 'node:http'
import { eventually, needs, startStreamServer } from '@streamdb/testkit'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import * as Y from 'yjs'
import { openSession } from '../src/index.ts'
import type { SessionOptions } from '../src/index.ts'
import { awarenessUser, openDocument, yjsDocuments } from '../src/yjs/index.ts'
import type { YjsDocument } from '../src/yjs/index.ts'
import { startDocumentServer } from './support/documents.ts'
import { newSessionUrl } from './support/sessions.ts'

// The provider reports to the console what it fails with, beside its error.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))

async function openWith(url: string, documents: string, id: string, options: Partial<SessionOptions> = {}) {
  const session = openSession({
    ...{ url, me: { id, name: id.toUpperCase() }, presence: false as const, ...options },
    documents: yjsDocuments({ url: documents }),
  })
  onTestFinished(() => session.close())
  await session.preload()
  return session
}

function open(url: string, id: string, rest: Partial<Parameters<typeof openDocument>[0]> = {}): YjsDocument {
  const document = openDocument({ url, id, ...rest })
  onTestFinished(() => document.close())
  return document
}

function body({ doc }: YjsDocument): Y.Text {
  return doc.getText('body')
}

test('[A66] a session has shared documents, listed by who made them, with who has them open', async () => {
  const server = await startDocumentServer()
  const url = await newSessionUrl()
  const ada = await openWith(url, server.url, 'ada')
  const bob = await openWith(url, server.url, 'bob')
  const adas = ada.document('plan', { title: 'The plan' })
  body(adas).insert(0, 'Hello')
  const row = await eventually(() => {
    const found = bob.collections.documents.get('plan')
    expect(found).toMatchObject({ title: 'The plan', by: 'ada' })
    return found
  })
  const bobs = bob.document(row ?? '', { title: 'Another' })
  await eventually(() => expect(body(bobs).toString()).toBe('Hello'))
  body(bobs).insert(5, ', Ada')
  await eventually(() => expect(body(adas).toString()).toBe('Hello, Ada'))
  await bobs.saved()
  expect(bobs.status.get()).toEqual({ name: 'synced' })
  expect(bob.collections.documents.get('plan')?.title).toBe('The plan')

  const names = ({ awareness }: YjsDocument) =>
    [...awareness.getStates().values()].map((state) => (state as { user: { name: string } }).user.name).sort()
  await eventually(() =>
    expect([names(adas), names(bobs)]).toEqual([
      ['ADA', 'BOB'],
      ['ADA', 'BOB'],
    ]),
  )
  bobs.awareness.setLocalStateField('cursor', 3)
  await eventually(() =>
    expect([...adas.awareness.getStates().values()]).toContainEqual({
      user: awarenessUser({ id: 'bob', name: 'BOB' }),
      cursor: 3,
    }),
  )
  // Opened twice, it ends when the second is closed, or the session.
  const again = bob.document('plan')
  expect(again.doc).toBe(bobs.doc)
  bobs.close()
  bobs.close()
  expect(again.status.get().name).toBe('synced')
  bob.close()
  expect(again.status.get().name).toBe('closed')
  await expect(again.saved()).rejects.toMatchObject({ code: 'closed' })
  await eventually(() => expect(names(adas)).toEqual(['ADA']))
})

test('[A66] without a plugin there are no documents, and the error says what to pass', async () => {
  const url = await newSessionUrl()
  const session = openSession({ url, me: { id: 'ada' }, presence: false })
  onTestFinished(() => session.close())
  expect(() => session.document('plan')).toThrow(expect.objectContaining({ code: 'invalid-options' }))
})

test('[A67] what is written before a connection, and while there is none, arrives; a server that starts anew loses nothing', async () => {
  const streams = await startStreamServer()
  onTestFinished(() => streams.stop())
  const server = await startDocumentServer(streams.url)
  const ada = open(server.url, 'plan', { me: { id: 'ada' } })
  body(ada).insert(0, 'a')
  const bob = open(server.url, 'plan')
  await eventually(() => expect(body(bob).toString()).toBe('a'))

  await server.stop()
  body(ada).insert(1, 'b')
  await server.restart()
  await ada.saved()
  await eventually(() => expect(body(bob).toString()).toBe('ab'))

  // The streams were in memory: they are gone.
  await server.stop()
  await streams.restart()
  body(ada).insert(2, 'c')
  body(bob).insert(0, '-')
  await server.restart()
  const carol = open(server.url, 'plan', { me: { id: 'carol' } })
  await eventually(
    () => expect([ada, bob, carol].map((each) => body(each).toString())).toEqual(Array(3).fill('-abc')),
    {
      timeout: 20_000,
    },
  )
  await eventually(() => {
    expect([...carol.awareness.getStates().values()]).toContainEqual({ user: awarenessUser({ id: 'ada' }) })
  })
})

test('[A67] an undo takes back what this device has done, and nothing else', async () => {
  const server = await startDocumentServer()
  const [ada, bob] = [open(server.url, 'undo'), open(server.url, 'undo')]
  const undo = new Y.UndoManager(body(ada))
  body(ada).insert(0, 'one ')
  await eventually(() => expect(body(bob).toString()).toBe('one '))
  body(bob).insert(4, 'two')
  await eventually(() => expect(body(ada).toString()).toBe('one two'))
  undo.undo()
  await eventually(() => expect(body(bob).toString()).toBe('two'))
  undo.redo()
  await eventually(() => expect(body(bob).toString()).toBe('one two'))
})

test('[A68] requests of a document carry the headers of the session, asked anew', async () => {
  const server = await startDocumentServer()
  const seen: { method: string; authorization: string | undefined }[] = []
  // In front of the server of documents: whoever has no current token is refused.
  let current = 0
  const front = createServer((request, response) => {
    const { authorization } = request.headers
    seen.push({ method: String(request.method), authorization })
    if (authorization !== `Bearer ${current}`) {
      response.writeHead(401).end()
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { host: _host, connection: _connection, ...headers } = request.headers
      fetch(new URL(String(request.url), server.url), {
        method: String(request.method),
        headers: headers as Record<string, string>,
        redirect: 'manual',
        ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
      })
        .then(async (answer) => {
          response.writeHead(answer.status, Object.fromEntries(answer.headers))
          for await (const chunk of answer.body ?? []) response.write(chunk)
          response.end()
        })
        .catch(() => response.destroy())
    })
  })
  await new Promise<void>((resolve) => void front.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void front.close())
  onTestFinished(() => front.closeAllConnections())
  const { port } = front.address() as { port: number }
  const url = await newSessionUrl()
  const ada = await openWith(url, `http://127.0.0.1:${port}/v1/yjs/test`, 'ada', {
    streamOptions: { headers: { authorization: () => `Bearer ${current}` } },
  })
  const document = ada.document('secret')
  body(document).insert(0, 'a')
  await document.saved()
  expect(seen.every(({ authorization }) => authorization === 'Bearer 0')).toBe(true)
  current = 1
  body(document).insert(1, 'b')
  await document.saved()
  const plain = open(server.url, ada.collections.documents.get('secret')?.path ?? '')
  await eventually(() => expect(body(plain).toString()).toBe('ab'))
})

test('[A68] a fork has documents of its own, which begin with what is in those of the source', async () => {
  await needs('forks')
  const server = await startDocumentServer()
  const ada = await openWith(await newSessionUrl(), server.url, 'ada')
  const source = ada.document('plan', { title: 'Plan' })
  body(source).insert(0, 'a')
  await source.saved()
  await eventually(() => expect(ada.collections.documents.get('plan')).toBeDefined())
  const { url } = await ada.fork()
  const bob = await openWith(url, server.url, 'bob')
  const copy = bob.document('plan')
  await copy.saved()
  expect(body(copy).toString()).toBe('a')
  expect(bob.collections.documents.get('plan')).toMatchObject({ title: 'Plan', by: 'ada' })
  body(copy).insert(1, 'b')
  await copy.saved()
  // Somebody who comes later gets what the fork's document is by now.
  const carol = (await openWith(url, server.url, 'carol')).document('plan')
  await eventually(() => expect(body(carol).toString()).toBe('ab'))
  expect(body(source).toString()).toBe('a')
})
