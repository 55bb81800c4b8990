import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stream } from '@durable-streams/client'
import { expect, onTestFinished, test } from 'vitest'
import {
  eventually,
  itemsOf,
  startStreamServer,
  type StreamServer,
  type StreamServerOptions,
} from '../src/index.ts'

async function start(options?: StreamServerOptions): Promise<StreamServer> {
  const server = await startStreamServer(options)
  onTestFinished(() => server.stop())
  return server
}

async function readAll(url: string): Promise<unknown[]> {
  return itemsOf(await fetch(`${url}?offset=-1`))
}

test('creates streams and appends items in order', async () => {
  const server = await start()
  const url = await server.createStream('/a', { items: [1, 2] })
  await server.appendItems(url, [3, { four: 4 }])
  expect(await readAll(url)).toEqual([1, 2, 3, { four: 4 }])
  expect(await server.createStream()).not.toBe(await server.createStream())
})

test('says what the server answered when it refuses', async () => {
  const server = await start()
  await expect(server.appendItems(`${server.url}/absent`, [1])).rejects.toThrow(/answered 404/)
})

test.each(['long-poll', 'sse'] as const)('stops at once while a %s reader is connected', async (live) => {
  const server = await start()
  const url = await server.createStream(undefined, { items: [1] })
  const reading = new AbortController()
  const seen: unknown[] = []
  const response = await stream({ url, live, signal: reading.signal })
  response.subscribeJson(({ items }) => void seen.push(...items))
  response.closed.catch(() => {})
  await server.appendItems(url, [2])
  await eventually(() => expect(seen).toEqual([1, 2]))

  await Promise.all([server.stop(), server.stop()])
  await expect(fetch(url)).rejects.toThrow()
  reading.abort()
})

test('restarts on the same port, with its files', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'streamdb-testkit-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const server = await start({ dataDir })
  const url = await server.createStream(undefined, { items: [1] })
  const before = server.server
  await server.restart()
  expect(server.server).not.toBe(before)
  await server.appendItems(url, [2])
  await server.stop()
  await server.restart()
  expect(await readAll(url)).toEqual([1, 2])
})

test('a closed stream ends and a deleted one is gone', async () => {
  const server = await start()
  const url = await server.createStream(undefined, { items: [1] })
  await server.closeStream(url)
  const response = await stream({ url, live: true })
  expect(await response.json()).toEqual([1])
  expect(response.streamClosed).toBe(true)
  await server.deleteStream(url)
  expect((await fetch(url)).status).toBe(404)
})
