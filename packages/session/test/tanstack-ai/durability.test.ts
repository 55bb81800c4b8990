import { chat, memoryStream, resumeServerSentEventsResponse, toServerSentEventsResponse } from '@tanstack/ai'
import type { StreamChunk, UpsertableStreamDurability } from '@tanstack/ai'
import { EventType } from '@tanstack/ai/client'
import { expect, test } from 'vitest'
import { streamDurability } from '../../src/tanstack-ai/index.ts'
import { gate, scriptedModel } from '../../src/testing/index.ts'
import { sessionServer } from '../support/sessions.ts'

let runs = 0

async function newRun() {
  const { url } = await sessionServer()
  return { url: `${url}/runs-${process.pid}`, runId: `run/${++runs}` }
}

function custom(name: string): StreamChunk {
  return { type: EventType.CUSTOM, name, value: {} }
}

function names(entries: readonly { chunk: StreamChunk }[]): unknown[] {
  return entries.map(({ chunk }) => (chunk.type === EventType.CUSTOM ? chunk.name : chunk.type))
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const read: Item[] = []
  for await (const item of items) read.push(item)
  return read
}

test('[A49] a durability stores, resumes behind an offset, joins live, and replaces, as the toolkit has it', async () => {
  const run = await newRun()
  // What the toolkit's own does, and what this one does.
  for (const open of [
    () => memoryStream({ runId: run.runId }),
    (): UpsertableStreamDurability => streamDurability(run),
  ]) {
    const durability = open()
    expect(await durability.snapshot()).toEqual([])
    const [first = '', second = ''] = await durability.append([custom('a'), custom('b')])
    const joined = all(durability.read('-1'))
    expect(names(await durability.snapshot())).toEqual(['a', 'b'])
    const other = open()
    expect((await other.snapshot()).map(({ offset }) => offset)).toEqual([first, second])
    const [third = ''] = await other.append([custom('c')])
    expect(await other.upsert([{ offset: second, chunk: custom('B') }])).toEqual([second])
    expect(names(await durability.snapshot())).toEqual(['a', 'B', 'c'])
    await expect(
      other.upsert([
        { offset: second, chunk: custom('x') },
        { offset: second, chunk: custom('y') },
      ]),
    ).rejects.toThrow(/repeat/)
    await expect(
      other.upsert([
        { offset: third, chunk: custom('x') },
        { offset: 'mine', chunk: custom('y') },
      ]),
    ).rejects.toThrow()
    await expect(other.upsert(Array.from({ length: 1 }))).rejects.toThrow(/missing/)
    expect(names(await durability.snapshot())).toEqual(['a', 'B', 'c'])
    await other.close()
    expect(names(await joined)).toEqual(['a', 'b', 'c'])
    expect(names(await all(open().read(first)))).toEqual(['B', 'c'])
    expect(names(await all(open().read('-1')))).toEqual(['a', 'B', 'c'])
  }
})

test('[A49] to join a run that nobody has begun fails, and to stop reading ends', async () => {
  const run = await newRun()
  await expect(all(streamDurability({ ...run, firstChunkTimeout: 50 }).read('-1'))).rejects.toMatchObject({
    code: 'not-found',
  })
  const durability = streamDurability(run)
  await durability.append([custom('a')])
  const stop = new AbortController()
  const read: unknown[] = []
  for await (const { chunk } of durability.read('-1', stop.signal)) {
    read.push(...names([{ chunk }]))
    stop.abort()
  }
  expect(read).toEqual(['a'])
})

interface Sent {
  readonly id: string
  readonly data: { type: string; delta?: string }
}

async function* events(response: Response): AsyncGenerator<Sent> {
  let text = ''
  for await (const bytes of response.body ?? []) {
    text += new TextDecoder().decode(bytes)
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string): string =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
      if (field('data') !== '') yield { id: field('id'), data: JSON.parse(field('data')) as Sent['data'] }
    }
  }
}

test('[A49] a server of the toolkit streams a run that another process resumes in mid answer', async () => {
  const { url, runId } = await newRun()
  const rest = gate()
  const model = scriptedModel(['Hello', { wait: rest }, ' to', ' you'])
  const post = new Request('http://app/chat', { method: 'POST', headers: { 'X-Run-Id': runId } })
  const response = toServerSentEventsResponse(
    chat({ adapter: model.textAdapter(), messages: [{ role: 'user', content: 'Hi' }], runId }),
    { durability: { adapter: streamDurability({ url, request: post }), batch: 1 } },
  )
  const texts: string[] = []
  let last = ''
  for await (const { id, data } of events(response)) {
    last = id
    if (data.delta !== undefined) texts.push(data.delta)
    if (texts.length > 0) break
  }
  expect(texts).toEqual(['Hello'])
  const get = new Request('http://other/chat', { headers: { 'Last-Event-ID': last } })
  const resumed = resumeServerSentEventsResponse({ adapter: streamDurability({ url, request: get }) })
  const reading = all(events(resumed))
  rest.open()
  const after = await reading
  expect(
    after
      .map(({ data }) => data.delta)
      .filter((delta) => delta !== undefined)
      .join(''),
  ).toBe(' to you')
  expect(after.at(-1)?.data.type).toBe('RUN_FINISHED')
})
