import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, needs, startStreamServer } from '@streamdb/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createAgentHost, createWakeHandler, subscribeWebhook } from '../src/index.ts'
import type { AgentHostOptions, AgentRun, Session } from '../src/index.ts'
import { gate, scriptedModel } from '../src/testing/index.ts'
import { lines, open, sessionServer } from './support/sessions.ts'

let sessions = 0

async function watchedUrls(count: number): Promise<string[]> {
  const { url } = await sessionServer()
  return Array.from({ length: count }, () => `${url}/v1/stream/sessions/wake-${++sessions}`)
}

/** A host that ends with the test; its sessions close as soon as they are idle. */
function startHost(options: Partial<AgentHostOptions> & Pick<AgentHostOptions, 'agent' | 'server'>) {
  const onError = vi.fn()
  const host = createAgentHost({ linger: 0, onError, ...options })
  onTestFinished(() => host.stop())
  return { host, onError }
}

const answer = (run: AgentRun) => run.text(`Answer to ${run.triggers[0]?.parts[0]?.text}`)

async function say(session: Session, text: string): Promise<void> {
  await session.send(text)
  await eventually(() => expect(lines(session).at(-1)).toBe(`bot: Answer to ${text}`))
}

test('[A69] an agent that sleeps answers in each of its sessions, once, and has none of them open between', async () => {
  await needs('subscriptions')
  const [first = '', second = '', third = ''] = await watchedUrls(3)
  const [ada, bob] = [await open(first, 'ada'), await open(second, 'bob')]
  // It was said before anybody listened.
  await ada.send('early')
  const { host, onError } = startHost({
    agent: { name: 'bot', handle: answer },
    server: first,
    sessions: [first, second],
  })
  await host.ready
  await eventually(() => expect(lines(ada)).toEqual(['ada: early', 'bot: Answer to early']))
  await eventually(() => expect(host.awake).toEqual([]))
  await say(bob, 'one')
  await say(bob, 'two')
  // Another process of the same agent shares its work.
  const { host: other } = startHost({
    agent: { name: 'bot', handle: answer },
    server: first,
    sessions: [first, second],
  })
  await other.ready
  // A session that is made later.
  await Promise.all([host.add(third), other.add(third)])
  const carol = await open(third, 'carol')
  await Promise.all([say(ada, 'three'), say(bob, 'four'), say(carol, 'five')])
  await eventually(() => expect([...host.awake, ...other.awake]).toEqual([]))
  expect(lines(ada)).toHaveLength(4)
  expect(lines(bob)).toHaveLength(6)
  expect(lines(carol)).toHaveLength(2)
  host.remove(first)
  await host.stop()
  await say(ada, 'six')
  expect(onError).not.toHaveBeenCalled()
})

test('[A69] when a process dies in mid answer, another one is woken, and answers', async () => {
  await needs('subscriptions')
  const [url = ''] = await watchedUrls(1)
  const ada = await open(url, 'ada', { presence: false })
  let isDead = false
  const dying: typeof fetch = (input, init) =>
    isDead ? Promise.reject(new TypeError('dead')) : fetch(input, init)
  const door = gate()
  const model = scriptedModel(['So far ', { wait: door }, 'so good'])
  const options = { server: url, sessions: [url], leaseTtl: 1_000 }
  const presence = { leaseTtl: 1_000 }
  const { host } = startHost({
    ...options,
    agent: { name: 'bot', handle: (run) => model.answer(run) },
    session: { presence, streamOptions: { fetch: dying } },
  })
  await host.ready
  await ada.send('Hi')
  await door.reached
  await eventually(() => expect(lines(ada).at(-1)).toBe('bot: So far '))
  isDead = true
  const { host: other } = startHost({
    ...options,
    agent: { name: 'bot', handle: (run) => run.text('Once more') },
    session: { presence },
  })
  await other.ready
  await eventually(() => expect(lines(ada)).toEqual(['ada: Hi', 'bot: Once more']), { timeout: 20_000 })
  // What it wants to write when it comes back is refused.
  isDead = false
  door.open()
  await eventually(() => expect(host.awake).toEqual([]))
  expect(lines(ada)).toEqual(['ada: Hi', 'bot: Once more'])
})

test('[A69] a server that starts anew has forgotten the subscriptions: they are made again, and nothing is missed', async () => {
  await needs('subscriptions')
  const dataDir = await mkdtemp(join(tmpdir(), 'streamdb-wake-'))
  const server = await startStreamServer({ dataDir })
  onTestFinished(async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const url = `${server.url}/v1/stream/sessions/restarted`
  const ada = await open(url, 'ada')
  const { host } = startHost({ agent: { name: 'bot', handle: answer }, server: url, sessions: [url] })
  await host.ready
  await say(ada, 'one')
  await eventually(() => expect(host.awake).toEqual([]))
  await server.restart()
  await say(ada, 'two')
  expect(lines(ada)).toHaveLength(4)
  await host.stop()
})

test('[A71] [EN11] without `subscriptions`: that, and a session that they cannot watch, are told of by a typed error', async () => {
  // One knows no such path; one takes it for a stream's, and answers reads with lines.
  for (const status of [404, 201]) {
    const type = status === 404 ? 'application/json' : 'application/x-ndjson'
    const plain = createServer((request, response) => {
      const isControl = request.url?.includes('__ds') === true
      response
        .writeHead(isControl ? status : 200, {
          'content-type': type,
          'stream-next-offset': '0',
          'stream-up-to-date': 'true',
        })
        .end(isControl || type !== 'application/json' ? '' : '[]')
    })
    await new Promise<void>((resolve) => void plain.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void plain.close())
    onTestFinished(() => plain.closeAllConnections())
    const { port } = plain.address() as { port: number }
    const server = `http://127.0.0.1:${port}`
    const url = `${server}/v1/stream/a`
    const { host } = startHost({ agent: { name: 'bot', handle: answer }, server, sessions: [url] })
    await expect(host.ready).rejects.toMatchObject({ code: 'subscriptions-unsupported' })
    await expect(host.add(url)).rejects.toMatchObject({ code: 'subscriptions-unsupported' })
    await expect(
      subscribeWebhook({ server, id: 'a', webhook: 'https://a.example', pattern: '*' }),
    ).rejects.toMatchObject({ code: 'subscriptions-unsupported' })
  }
  const { url } = await sessionServer()
  const options = { server: url, agent: { name: 'bot', handle: answer } }
  expect(() => createAgentHost({ ...options, sessions: [`${url}/elsewhere`] })).toThrow(
    expect.objectContaining({ code: 'subscriptions-unsupported' }),
  )
  expect(() =>
    createAgentHost({ ...options, agent: { name: 'bot', handle: answer, triggers: [{ every: 1_000 }] } }),
  ).toThrow(expect.objectContaining({ code: 'invalid-options' }))
})

/** Serves a web handler, as a serverless platform does. */
async function serve(handle: (request: Request) => Promise<Response>): Promise<string> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = request.headers as Record<string, string>
      void handle(
        new Request('http://127.0.0.1/', { method: 'POST', headers, body: Buffer.concat(chunks) }),
      ).then(async (answered) =>
        response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(await answered.text()),
      )
    })
  })
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  onTestFinished(() => http.closeAllConnections())
  return `http://127.0.0.1:${(http.address() as { port: number }).port}`
}

test('[A70] a webhook answers what wakes it, hands over what it has no time for, and takes calls of the server alone', async () => {
  await needs('subscriptions')
  const streams = await startStreamServer({ webhooks: true })
  const server = streams.url
  onTestFinished(() => streams.stop())
  let attempts = 0
  const calls = vi.fn()
  const onError = vi.fn()
  const handleWake = createWakeHandler({
    ...{ server, linger: 0, timeLimit: 1_000, onError },
    agent: {
      name: 'bot',
      retryDelay: 1,
      handle: async (run) => {
        // The first has more to do than a call may last.
        if (++attempts > 1) return answer(run)
        await run.text('Thinking')
        return new Promise((_, reject) =>
          run.signal.addEventListener('abort', () => reject(new Error('late'))),
        )
      },
    },
  })
  const webhook = await serve((request) => {
    calls()
    return handleWake(request)
  })
  await subscribeWebhook({ server, id: 'bot', webhook, pattern: 'sessions/*', leaseTtl: 5_000 })
  const ada = await open(`${server}/v1/stream/sessions/a`, 'ada')
  await say(ada, 'one')
  expect(attempts).toBe(2)
  expect(lines(ada)).toEqual(['ada: one', 'bot: Answer to one'])
  await say(ada, 'two')
  expect(calls.mock.calls.length).toBeGreaterThan(1)
  expect(onError).not.toHaveBeenCalled()

  const forged = JSON.stringify({
    ...{ subscription_id: 'bot', wake_id: 'w', generation: 1, callback_token: 't' },
    streams: [{ path: 'sessions/a', has_pending: true }],
  })
  const headers = { 'webhook-signature': `t=${Math.floor(Date.now() / 1_000)},kid=a,ed25519=AAAA` }
  for (const given of [{}, headers]) {
    const refused = await fetch(webhook, { method: 'POST', headers: given, body: forged })
    expect(refused.status).toBe(401)
  }
  ada.close()
})
