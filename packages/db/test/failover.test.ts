import { eventually, startScriptedServer } from '@streamdb/testkit'
import { room, rowsOf } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import { LogEnd } from '../src/writes/log-end.ts'
import { OffsetWaiters } from '../src/writes/offset-waiters.ts'

// What a cluster answers while it changes its leader: replicas that lag behind, connections that are open and silent.

const ada = { id: 'a', name: 'Ada' }

test('[CH2] an acknowledged write is not unknown because a replica that lags behind does not have it', async () => {
  let stored: unknown[] = []
  // How much of the log the replica has that answers.
  let visible = 0
  let asked = 0
  const server = await startScriptedServer(({ method, live, offset, body }, reply) => {
    if (method === 'POST') {
      stored = [...stored, ...(JSON.parse(body) as unknown[])]
      return reply.page({ nextOffset: '2', status: 200 })
    }
    const nextOffset = String(visible + 1)
    if (method === 'HEAD') {
      asked++
      return reply.page({ body: '', nextOffset })
    }
    if (live !== undefined) reply.sse().control({ nextOffset: '1' })
    else
      reply.page({ items: offset === nextOffset ? [] : stored.slice(0, visible), nextOffset, upToDate: true })
  })
  onTestFinished(() => server.close())
  const db = createStreamDB({
    streamOptions: { url: `${server.url}/stream`, warnOnHttp: false },
    state: room,
    confirmTimeout: 20,
    retry: { idleTimeout: 50 },
  })
  onTestFinished(() => db.close())
  await db.preload()
  const transaction = db.collections.users.insert(ada)
  const settled = transaction.when('settled')
  await eventually(() => expect(db.writeOf(transaction)?.state.name).toBe('acknowledged'))
  await eventually(() => expect(asked).toBeGreaterThan(0))
  // Long enough for the answer to have been believed.
  await db.stream.head()
  expect(db.writeOf(transaction)?.state.name).toBe('acknowledged')
  visible = 1
  await settled
  expect(rowsOf(db.collections.users)).toEqual({ a: ada })
})

describe('the end of the log', () => {
  function logEnd(end: string) {
    const waiters = new OffsetWaiters()
    const verify = vi.fn<(reason: string) => void>()
    const head = () => Promise.resolve({ exists: true as const, offset: end, streamClosed: false })
    const stream = { url: 'http://log.test/', head }
    return {
      waiters,
      verify,
      log: new LogEnd({ stream, source: { verify }, waiters, readOn: () => undefined }),
    }
  }
  const { signal } = new AbortController()

  test('[CH2] lies at least behind what was acknowledged, until the log is read anew', async () => {
    const { log, waiters } = logEnd('5')
    waiters.advance('5')
    log.noteStored('7')
    log.noteStored('6')
    let isVisible = false
    const waiting = log.waitUntilVisible(signal).then(() => (isVisible = true))
    waiters.advance('6')
    await new Promise((resolve) => setImmediate(resolve))
    expect(isVisible).toBe(false)
    waiters.advance('7')
    await waiting
    log.noteStored('9')
    log.forget()
    await log.waitUntilVisible(signal)
  })

  test('[CH6] a connection that does not bring it is doubted, again and again, until it does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { log, waiters, verify } = logEnd('5')
    const waiting = log.waitUntilVisible(signal)
    await vi.advanceTimersByTimeAsync(3_300)
    expect(verify).toHaveBeenCalledTimes(4)
    waiters.advance('5')
    await waiting
    await vi.advanceTimersByTimeAsync(10_000)
    expect(verify).toHaveBeenCalledTimes(4)
  })
})
