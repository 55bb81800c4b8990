import { memoryStorage } from '@streamdb/persist'
import { eventually, itemsOf, needs, startFaultProxy, startStreamServer } from '@streamdb/testkit'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSession } from '../src/index.ts'
import type { AgentRun, Session } from '../src/index.ts'
import { lines, newSessionUrl, open, sessionServer } from './support/sessions.ts'

const quickRetry = { db: { retry: { initialDelay: 5, maxDelay: 20 } } }

async function* numbers(end: number) {
  for (let number = 1; number <= end; number++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    yield `${number} `
  }
}

function text(end: number): string {
  return Array.from({ length: end }, (_, index) => `${index + 1} `).join('')
}

async function runAgent(session: Session, handle: (run: AgentRun) => unknown): Promise<void> {
  await session.agent({ name: 'bot', handle }).ready
}

/** Resolves when everything that is visible is stored. */
async function saved({ db, collections }: Session): Promise<void> {
  const rows = Object.values(collections).reduce((sum, { size }) => sum + size, 0)
  await eventually(async () => expect((await db.storage?.size())?.rows).toBe(rows))
}

function isDone(session: Session): void {
  expect([...session.collections.runs.values()].map(({ status }) => status)).toEqual(['done'])
}

test('[F-session-2] [F-session-4] a run that others learn of later is joined by all of them, from its first word', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  await runAgent(ada, (run) => run.text(numbers(100)))
  await ada.send('Count')
  await eventually(() => expect(lines(ada).at(-1)).toMatch('10 '))
  // Two tabs of one participant resume at once, and another participant comes.
  const others = await Promise.all(['ada', 'ada', 'bob'].map((id) => open(url, id)))
  for (const session of others) expect(lines(session).at(-1)).toMatch(/^bot: 1 2 3/)
  await eventually(() => isDone(ada))
  for (const session of others) {
    await eventually(() => expect(lines(session)).toEqual(['ada: Count', `bot: ${text(100)}`]))
  }
})

test('[F-session-6] [F-session-9] a question is seen after a reload, and holds up neither the thread nor other answers', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  await runAgent(host, async (run) => {
    const [trigger] = run.triggers
    if (trigger?.parts[0]?.text === 'Ask') await run.ask('Sure?')
    await run.text(`Answered ${trigger?.parts[0]?.text}`)
  })
  const ada = await open(url, 'ada')
  await ada.send('Ask')
  const pending = (session: Session) =>
    [...session.collections.approvals.values()].filter(({ status }) => status === 'pending')
  await eventually(() => expect(pending(ada)).toHaveLength(1))
  ada.close()
  const again = await open(url, 'ada')
  expect(pending(again)).toMatchObject([{ question: 'Sure?' }])
  await again.send('Another')
  await eventually(() => expect(lines(again)).toContain('bot: Answered Another'))
  await again.approve(pending(again)[0]?.id ?? '')
  await eventually(() => expect(lines(again)).toContain('bot: Answered Ask'))
})

test('[F-session-7] [F-session-8] a reader that lost its connection, or whose connection ended in order, catches up', async () => {
  const url = await newSessionUrl()
  const proxy = await startFaultProxy((await sessionServer()).url)
  onTestFinished(() => proxy.close())
  const host = await open(url, 'host')
  await runAgent(host, (run) => run.text(numbers(150)))
  const ada = await open(proxy.through(url), 'ada', quickRetry)
  await host.send('Count')
  for (const by of ['fin', 'rst', 'fin', 'rst'] as const) {
    const before = lines(ada).at(-1) ?? ''
    await eventually(() => expect((lines(ada).at(-1) ?? '').length).toBeGreaterThan(before.length))
    proxy.cut(by)
  }
  await eventually(() => isDone(ada))
  expect(lines(ada)).toEqual(['host: Count', `bot: ${text(150)}`])
})

test('[F-session-10] a session with several runs that go on is reloaded, and all of them are read to their ends', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  for (const name of ['one', 'two', 'three']) {
    await host.agent({ name, handle: (run) => run.text(numbers(60)) }).ready
  }
  await host.send('All of you')
  await eventually(() => expect(lines(host)).toHaveLength(4))
  const ada = await open(url, 'ada')
  expect(
    [...ada.collections.runs.values()].filter(({ status }) => status === 'running').length,
  ).toBeGreaterThan(0)
  await eventually(() => {
    expect(
      lines(ada)
        .slice(1)
        .map((line) => line.split(': ')[1]),
    ).toEqual([text(60), text(60), text(60)])
    expect([...ada.collections.runs.values()].map(({ status }) => status)).toEqual(['done', 'done', 'done'])
  })
})

test('[A9] a server that restarts in mid answer: nothing is lost, nothing is doubled, and the run ends', async () => {
  await needs('durable-producers')
  const dataDir = await mkdtemp(join(tmpdir(), 'streamdb-session-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const server = await startStreamServer({ dataDir })
  onTestFinished(() => server.stop())
  const ada = await open(`${server.url}/session`, 'ada', quickRetry)
  await runAgent(ada, (run) => run.text(numbers(100)))
  await ada.send('Count')
  await eventually(() => expect(lines(ada).at(-1)).toMatch('10 '))
  await server.restart()
  await eventually(() => isDone(ada), { timeout: 15_000 })
  expect(lines(ada)).toEqual(['ada: Count', `bot: ${text(100)}`])
  const bob = await open(`${server.url}/session`, 'bob')
  expect(lines(bob)).toEqual(lines(ada))
})

test('[A19] options of the database work for sessions: what is stored is shown at once, a text that streams too', async () => {
  const url = await newSessionUrl()
  const storage = memoryStorage()
  const host = await open(url, 'host')
  await runAgent(host, async (run) => {
    const writer = run.openText()
    writer.write('Half')
    await run.ask('Go on?')
    writer.write(' and half')
    await writer.end()
  })
  const first = await open(url, 'ada', { db: { storage } })
  await first.send('Hi')
  await eventually(() => expect(lines(first)).toEqual(['ada: Hi', 'bot: Half']))
  const [approval] = await eventually(() => {
    const all = [...first.collections.approvals.values()]
    expect(all).toHaveLength(1)
    return all
  })
  await saved(first)
  first.close()
  // Without a network, what is shown comes from the storage.
  const offline = openSession({
    ...{ url, me: { id: 'ada' }, presence: false, db: { storage } },
    streamOptions: { fetch: () => Promise.reject(new TypeError('offline')) },
  })
  onTestFinished(() => offline.close())
  await eventually(() => expect(lines(offline)).toEqual(['ada: Hi', 'bot: Half']))
  offline.close()
  const again = await open(url, 'ada', { db: { storage } })
  await again.approve(approval?.id ?? '')
  await eventually(() => expect(lines(again)).toEqual(['ada: Hi', 'bot: Half and half']))
})

test('[A19] a message that is typed without a network is sent once, by a page that is opened later', async () => {
  const url = await newSessionUrl()
  const storage = memoryStorage()
  const bob = await open(url, 'bob')
  const first = await open(url, 'ada', { db: { storage, offline: true } })
  await first.send('Online')
  await saved(first)
  first.close()
  const refuse = () => Promise.reject(new TypeError('offline'))
  const offline = openSession({
    ...{
      url,
      me: { id: 'ada' },
      presence: false,
      db: { storage, offline: true },
      streamOptions: { fetch: refuse },
    },
  })
  onTestFinished(() => offline.close())
  await eventually(() => expect(lines(offline)).toEqual(['ada: Online']))
  void offline.send('Offline')
  expect(lines(offline)).toEqual(['ada: Online', 'ada: Offline'])
  await eventually(() => expect(offline.db.outbox?.get()).toHaveLength(1))
  offline.close()
  const again = await open(url, 'ada', { db: { storage, offline: true } })
  await eventually(() => expect(lines(bob)).toEqual(['ada: Online', 'ada: Offline']))
  await eventually(() => expect(lines(again)).toEqual(lines(bob)))
  const log = await itemsOf<{ type: string }>(await fetch(`${url}?offset=-1`))
  expect(log.filter(({ type }) => type === 'message')).toHaveLength(2)
})
