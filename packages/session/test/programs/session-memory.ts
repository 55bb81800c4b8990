// Run by long-session.slow.test.ts as a process of its own, with --expose-gc: prints how many bytes of the heap the rows of
// argv[2] messages need as plain objects, as a session that is shown, and what is left of it when it is closed.

import { openSession, sessionState } from '../../src/index.ts'

const count = Number(process.argv[2])

function* events() {
  const { messages, parts, runs } = sessionState
  for (let index = 0; index < count; index += 2) {
    const [question, answer] = [`q${index}`, `bot.q${index}`]
    const createdAt = '2026-01-01T00:00:00.000Z'
    const text = `${index} ${'said '.repeat(20)}`
    yield messages.insert({ value: { id: question, role: 'user', author: 'ada', createdAt } })
    yield parts.insert({
      value: { id: `${question}.0`, message: question, index: 0, kind: 'text', state: 'done', text },
    })
    yield messages.insert({ value: { id: answer, role: 'assistant', author: 'bot', run: answer, createdAt } })
    yield runs.insert({
      value: {
        ...{ id: answer, agent: 'bot', status: 'done', triggers: [question], message: answer, attempt: 1 },
        ...{ epoch: 0, holder: 'worker/4f0c1d2e', depth: 0, startedAt: createdAt, endedAt: createdAt },
      },
    })
    yield parts.insert({
      value: { id: `p${index}`, message: answer, index: 0, attempt: 1, kind: 'text', state: 'done', text },
    })
  }
}

async function heap(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

// As text: both are made of what a parser returns.
const body = JSON.stringify([...events()])

async function plainRows(): Promise<{ bytes: number; size: number }> {
  const before = await heap()
  const rows = new Map<string, unknown>()
  for (const { type, key, value } of JSON.parse(body) as { type: string; key: string; value: unknown }[])
    rows.set(`${type} ${key}`, value)
  const bytes = (await heap()) - before
  return { bytes, size: rows.size }
}

function answer(input: RequestInfo | URL): Promise<Response> {
  const { searchParams } = new URL(input instanceof Request ? input.url : String(input))
  const isStart = searchParams.get('offset') === '-1'
  const headers = {
    'content-type': 'application/json',
    'stream-next-offset': '1',
    'stream-up-to-date': 'true',
  }
  return Promise.resolve(new Response(isStart ? body : '[]', { headers }))
}

async function openOne(): Promise<{ shown: number; close: () => void }> {
  const session = openSession({
    ...{ url: 'http://streamdb.test/session', me: { id: 'ada' }, presence: false },
    ...{ streamOptions: { fetch: answer }, db: { live: false } },
  })
  await session.preload()
  const view = session.view()
  const stop = view.subscribe(() => undefined)
  const shown = view.get().length
  return {
    shown,
    close: () => {
      stop()
      view.close()
      session.close()
    },
  }
}

// The code is loaded and compiled before it is measured.
;(await openOne()).close()
const plain = await plainRows()
const before = await heap()
let open: { shown: number; close: () => void } | undefined = await openOne()
const { shown } = open
const session = (await heap()) - before
open.close()
// Nobody has it any more.
open = undefined
const left = (await heap()) - before
process.stdout.write(JSON.stringify({ plain: plain.bytes, rows: plain.size, shown, session, left }))
