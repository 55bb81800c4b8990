import { compactStream } from '@streamdb/server'
import { eventually } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { sessionSnapshots, sessionState } from '../src/index.ts'
import type { Approval, Run, Session } from '../src/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

const count = 3000

/** A long session: questions and answers, a branch at its beginning, and an old question that nobody has decided. */
async function longSession(): Promise<string> {
  const url = await newSessionUrl()
  const { messages, parts, deltas, runs, approvals, participants, branches } = sessionState
  const events: unknown[] = [participants.insert({ value: { id: 'ada', kind: 'person', name: 'Ada' } })]
  for (let index = 0; index < count; index++) {
    const [id, part] = [`m${index}`, `m${index}.0`]
    const isAnswer = index % 2 === 1
    const base = { id: part, message: id, index: 0, kind: 'text' } as const
    const run: Run = {
      ...{ id, agent: 'bot', status: 'done', triggers: [`m${index - 1}`] },
      ...{ message: id, attempt: 1, epoch: 0 },
    }
    const text = `Message ${index} ${'of a long thread '.repeat(10)}`
    events.push(
      messages.insert({
        value: isAnswer
          ? { id, role: 'assistant', author: 'bot', run: id }
          : { id, role: 'user', author: 'ada' },
      }),
    )
    if (!isAnswer) {
      events.push(parts.insert({ value: { ...base, state: 'done', text } }))
      continue
    }
    events.push(
      runs.insert({ value: index === 101 ? { ...run, status: 'waiting' } : run }),
      parts.insert({ value: { ...base, state: 'streaming' } }),
      ...[0, 1, 2].map((at) => deltas.insert({ key: `${part}:${at}`, value: { text: 'token ' } })),
      parts.update({ value: { ...base, state: 'done', text } }),
      ...[0, 1, 2].map((at) => deltas.delete({ key: `${part}:${at}` })),
    )
  }
  const approval: Approval = { id: 'q', run: 'm101', agent: 'bot', kind: 'approval', status: 'pending' }
  events.push(
    approvals.insert({ value: approval }),
    branches.insert({ value: { id: 'b', from: 'm10', kind: 'edit', by: 'ada' } }),
  )
  await append(url, events, 'PUT')
  const { type } = await compactStream({ source: url, ...sessionSnapshots })
  expect(type).toBe('written')
  return url
}

async function append(url: string, events: readonly unknown[], method = 'POST'): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, body: JSON.stringify(events) })
  expect(response.ok).toBe(true)
}

const ids = (messages: readonly { readonly message: { readonly id: string } }[]): string[] =>
  messages.map(({ message }) => message.id)

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `m${from + index}`)

/** Fetches, and counts the bytes that are read: a reader that has what it wants reads no further. */
function counting() {
  const read = { bytes: 0 }
  const counted: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        read.bytes += chunk.byteLength
        controller.enqueue(chunk)
      },
    })
    return new Response(response.body?.pipeThrough(count) ?? null, response)
  }
  return { read, counted }
}

/** Every message that is there is there with its run and its parts. */
function isWhole({ collections }: Session): void {
  for (const { id, run } of collections.messages.values()) {
    if (run !== undefined) expect(collections.runs.has(run), `the run of ${id}`).toBe(true)
    if (id.startsWith('m')) expect(collections.parts.has(`${id}.0`), `the part of ${id}`).toBe(true)
  }
}

test('[A80] [A81] a long session is opened at its end, with all that belongs to it, and read backwards on demand', async () => {
  const url = await longSession()
  const all = counting()
  const whole = await open(url, 'eve', { presence: false, streamOptions: { fetch: all.counted } })
  const { read, counted } = counting()
  const session = await open(url, 'ada', {
    ...{ presence: false, load: { last: 40 } },
    streamOptions: { fetch: counted },
  })
  expect(session.collections.messages.size).toBe(40)
  expect(read.bytes).toBeLessThan(all.read.bytes / 15)
  isWhole(session)
  const view = session.view({ limit: 20 })
  onTestFinished(() => view.close())
  expect(ids(view.get())).toEqual(range(count - 20, count))
  expect(view.hasOlder).toBe(true)

  // What is open is there, however old: it can be decided.
  expect(session.run('m101')?.status).toBe('waiting')
  await session.approve('q')
  expect([...session.collections.participants.keys()]).toContain('ada')
  // A branch from what is not read shows what is its own, and nothing that it does not share.
  expect(session.view({ branch: 'b' }).get()).toEqual([])

  await view.loadOlder(10)
  expect(ids(view.get())).toEqual(range(count - 30, count))
  expect(session.collections.messages.size).toBe(40)
  await view.loadOlder(50)
  expect(ids(view.get())).toEqual(range(count - 80, count))
  isWhole(session)

  // An old message that is changed is at its own place, and not at the end.
  const old = { id: 'm2000', role: 'user', author: 'ada', metadata: { starred: true } } as const
  await append(url, [sessionState.messages.update({ value: old })])
  await eventually(() => expect(session.collections.messages.has('m2000')).toBe(true))
  expect(ids(view.get())).toEqual(range(count - 80, count))
  await session.send('New')
  expect(await view.loadUntil('m1990')).toBe(true)
  expect(ids(view.get()).slice(0, -1)).toEqual(range(1990, count))
  expect(view.get()[10]?.message.metadata).toEqual({ starred: true })
  expect(await view.loadUntil('nowhere')).toBe(false)
  expect(view.hasOlder).toBe(true)
  await view.loadOlder(count)
  expect(view.hasOlder).toBe(false)
  expect(ids(view.get())).toEqual(ids(whole.view().get()))
  expect(ids(session.view({ branch: 'b' }).get())).toEqual(range(0, 10))
})

test('[A82] an agent reads all of a long session before it answers: what is answered is not answered again', async () => {
  const url = await longSession()
  const session = await open(url, 'host', { presence: false, load: { last: 20 } })
  const answered: string[] = []
  const agent = session.agent({
    name: 'bot',
    handle: async (run) => {
      answered.push(...run.row.triggers)
      await run.text('Yes')
    },
  })
  await agent.ready
  expect(session.collections.messages.size).toBe(count)
  const { id } = await session.send('Are you there?')
  await eventually(() => expect(session.run(`bot.${id}`)?.status).toBe('done'))
  expect(answered).toEqual([id])
})
