import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runProgram } from '@streamdb/testkit'
import { user } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test } from 'vitest'

/** What many-databases.ts prints; heaps in megabytes. */
interface Endured {
  readonly databases: { readonly afterSome: number; readonly afterAll: number }
  readonly reconnects: { readonly afterFirst: number; readonly afterLast: number }
  readonly rows: number
  readonly timers: number
  readonly sockets: number
  readonly listeners: number
}

/**
 * A stream that never changes at `/still`, and one at `/broken` that grows by one event with every connection and breaks
 * it off: by its end, or by a reset.
 */
async function unsteadyServer(): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const live = searchParams.get('live')
    const offset = Number(searchParams.get('offset'))
    if (live === null) {
      const still = offset === -1 ? [user('u0')] : []
      const next = String(Math.max(offset, 0))
      response.writeHead(200, {
        'content-type': 'application/json',
        'stream-next-offset': next,
        'stream-up-to-date': 'true',
      })
      response.end(JSON.stringify(still))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (pathname === '/still') return
    const next = offset + 1
    const control = JSON.stringify({ streamNextOffset: String(next), upToDate: true })
    response.write(
      `event: data\ndata: ${JSON.stringify([user(`u${next % 10}`)])}\n\nevent: control\ndata: ${control}\n\n`,
    )
    if (next % 2 === 0) response.end()
    else setTimeout(() => response.destroy(), 0)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close(() => undefined).closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

test(
  '[L1] a thousand databases and ten thousand reconnects leave no memory, no timer and no socket behind',
  { timeout: 180_000 },
  async () => {
    const url = await unsteadyServer()
    const program = new URL('./programs/many-databases.ts', import.meta.url)
    const stdout = await runProgram(program, { args: [url, '1000', '10000'], nodeArgs: ['--expose-gc'] })
    const endured = JSON.parse(stdout) as Endured // what it prints
    console.info(JSON.stringify(endured))
    // A database kept alive holds some 30 kB: a leak of one in twenty fails. What compiled code takes is less.
    expect(endured.databases.afterAll - endured.databases.afterSome).toBeLessThan(1.5)
    // 150 bytes a reconnect: less than a promise, a listener or a timer that stays behind.
    expect(endured.reconnects.afterLast - endured.reconnects.afterFirst).toBeLessThan(1.5)
    expect(endured.rows).toBe(10)
    expect(endured.timers).toBe(0)
    // Node keeps idle connections for a while.
    expect(endured.sockets).toBeLessThan(20)
  },
)
