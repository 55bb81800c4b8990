import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startStreamServer } from '../src/index.ts'

async function read(url: string): Promise<unknown> {
  const response = await fetch(`${url}?offset=-1`, { headers: { connection: 'close' } })
  return response.ok ? response.json() : response.status
}

test('[EN6] two servers of tests have names of their own on the server of STREAMDB_SERVER_URL', async () => {
  vi.stubEnv('STREAMDB_SERVER_URL', undefined)
  const real = await startStreamServer()
  onTestFinished(() => real.stop())
  let restarts = 0
  const control = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/restart') restarts += 1
    response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void control.close())
  await once(control, 'listening')

  vi.stubEnv('STREAMDB_SERVER_URL', `${real.url}/shared/`)
  vi.stubEnv('STREAMDB_SERVER_CONTROL', `http://127.0.0.1:${(control.address() as AddressInfo).port}/`)
  const one = await startStreamServer()
  const two = await startStreamServer({ dataDir: 'kept by the real one' })
  onTestFinished(async () => void (await Promise.all([one.stop(), two.stop()])))
  const [first, second] = [
    await one.createStream('/rooms/1', { items: [1] }),
    await two.createStream('/rooms/1', { items: [2] }),
  ]
  expect([await read(first), await read(second)]).toEqual([[1], [2]])
  expect(() => one.server).toThrow(/runs in another process/)

  const live = await fetch(`${first}?offset=-1&live=sse`)
  await one.stop()
  // It is cut: of a connection that closes, fetch in Node takes even a reset for the end of the body.
  await live.text().catch(() => undefined)
  await expect(read(first)).rejects.toThrow()
  expect(await read(second)).toEqual([2])

  await one.restart({ keepStreams: true })
  expect([await read(first), restarts]).toEqual([[1], 1])
  await one.restart()
  expect([await read(first), restarts]).toEqual([404, 2])
  await two.restart()
  expect(await read(second)).toEqual([2])
})

test('[EN6] after a live read that ends, the next request has the name of its server too', async () => {
  vi.stubEnv('STREAMDB_SERVER_URL', undefined)
  const real = await startStreamServer()
  onTestFinished(() => real.stop())
  vi.stubEnv('STREAMDB_SERVER_URL', `${real.url}/shared/`)
  const server = await startStreamServer()
  onTestFinished(() => server.stop())
  for (let round = 0; round < 10; round++) {
    const url = await server.createStream(undefined, { items: [round] })
    await server.closeStream(url)
    // The server says of a live answer that its connection is kept.
    await (await fetch(`${url}?offset=-1&live=sse`)).text()
    const next = await fetch(`${url}?offset=-1`)
    expect([next.status, await next.json()]).toEqual([200, [round]])
  }
})
