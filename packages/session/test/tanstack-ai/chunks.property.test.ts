import type { StreamChunk } from '@tanstack/ai/client'
import { eventually } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readChunks, sessionConnection, writeChunks } from '../../src/tanstack-ai/index.ts'
import type { Chunk, SessionConnection } from '../../src/tanstack-ai/index.ts'
import { MessageCursor } from '../../src/tanstack-ai/run-chunks.ts'
import { newSessionUrl, open } from '../support/sessions.ts'

const id = fc.constantFrom('a', 'b', 'c')
const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('{"x":', '1}', '"', '\u{1f600}', ''))
const json = fc.jsonValue({ maxDepth: 2 })
const extra = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ timestamp: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ metadata: fc.record({ tanstack: fc.record({ model: fc.string() }) }) }),
  },
  { weight: 1, arbitrary: fc.record({ rawEvent: json }) },
)

/** Every kind of the toolkit: one that is missing does not compile. */
const kinds: Record<StreamChunk['type'], fc.Arbitrary<object>> = {
  RUN_STARTED: fc.record({ threadId: id, runId: id }),
  RUN_FINISHED: fc.record({
    threadId: id,
    runId: id,
    finishReason: fc.constantFrom('stop', 'tool_calls', null),
    result: json,
  }),
  RUN_ERROR: fc.record({ message: fc.string(), code: fc.string() }),
  TEXT_MESSAGE_START: fc.record({ messageId: id, role: fc.constantFrom('assistant', 'user', 'developer') }),
  TEXT_MESSAGE_CONTENT: fc.record({ messageId: id, delta: text }),
  TEXT_MESSAGE_END: fc.record({ messageId: id }),
  TOOL_CALL_START: fc.record({ toolCallId: id, toolCallName: fc.string(), parentMessageId: id }),
  TOOL_CALL_ARGS: fc.record({ toolCallId: id, delta: text }),
  TOOL_CALL_END: fc.record({ toolCallId: id, input: json }, { requiredKeys: ['toolCallId'] }),
  TOOL_CALL_RESULT: fc.record({
    toolCallId: id,
    messageId: id,
    content: fc.oneof(
      text,
      json.map((value) => JSON.stringify(value)),
    ),
  }),
  STEP_STARTED: fc.record({ stepName: id }),
  STEP_FINISHED: fc.record({ stepName: id }),
  MESSAGES_SNAPSHOT: fc.record({
    messages: fc.array(fc.record({ id, role: fc.constant('user'), content: fc.string() }), { maxLength: 2 }),
  }),
  STATE_SNAPSHOT: fc.record({ snapshot: json }),
  STATE_DELTA: fc.record({
    delta: fc.array(fc.record({ op: fc.constant('add'), path: fc.string(), value: json }), { maxLength: 2 }),
  }),
  CUSTOM: fc.record({ name: fc.string(), value: json }),
  REASONING_START: fc.record({ messageId: id }),
  REASONING_MESSAGE_START: fc.record({ messageId: id, role: fc.constant('reasoning') }),
  REASONING_MESSAGE_CONTENT: fc.record({ messageId: id, delta: text }),
  REASONING_MESSAGE_END: fc.record({ messageId: id }),
  REASONING_END: fc.record({ messageId: id }),
  REASONING_ENCRYPTED_VALUE: fc.record({
    subtype: fc.constantFrom('message', 'tool-call'),
    entityId: id,
    encryptedValue: fc.string(),
  }),
}

/** Kinds of the protocol that the toolkit does not know, and one that nobody does. */
const foreign: Record<string, fc.Arbitrary<object>> = {
  TEXT_MESSAGE_CHUNK: fc.record({ messageId: id, delta: text }),
  TOOL_CALL_CHUNK: fc.record({ toolCallId: id, delta: text }),
  REASONING_MESSAGE_CHUNK: fc.record({ messageId: id, delta: text }),
  ACTIVITY_SNAPSHOT: fc.record({ messageId: id, content: json }),
  ACTIVITY_DELTA: fc.record({ messageId: id, patch: json }),
  RAW: fc.record({ event: json, source: fc.string() }),
  SUBAGENT_STARTED: fc.record({ agentId: id }),
  SOMETHING_NEW: fc.record({ anything: json }),
}

const chunk: fc.Arbitrary<Chunk> = fc
  .oneof(
    ...Object.entries({ ...kinds, ...foreign }).map(([type, fields]) =>
      fc.tuple(fc.constant(type), fields, extra),
    ),
  )
  .map(([type, fields, more]) => ({ type, ...fields, ...more }))

/** A text as a model streams it, or a tool call with its result. */
const message: fc.Arbitrary<Chunk[]> = fc
  .tuple(
    id,
    fc.array(text, { maxLength: 5 }),
    fc.constantFrom('TEXT_MESSAGE', 'REASONING_MESSAGE', 'TOOL_CALL'),
  )
  .map(([subject, deltas, kind]) => {
    const key = kind === 'TOOL_CALL' ? { toolCallId: subject } : { messageId: subject }
    const start = kind === 'TOOL_CALL' ? { toolCallName: 'tool' } : {}
    const all = { type: `${kind}_${kind === 'TOOL_CALL' ? 'ARGS' : 'CONTENT'}`, ...key }
    return [
      { type: `${kind}_START`, ...key, ...start },
      ...deltas.map((delta) => ({ ...all, delta })),
      { type: `${kind}_END`, ...key },
      ...(kind === 'TOOL_CALL'
        ? [{ type: 'TOOL_CALL_RESULT', ...key, messageId: 'm', content: JSON.stringify(deltas) }]
        : []),
    ]
  })

const stream = fc
  .array(
    fc.oneof(
      message,
      chunk.map((each) => [each]),
    ),
    { maxLength: 14 },
  )
  .map((groups) => groups.flat().filter(({ type }) => type !== 'RUN_ERROR'))

/** Pieces of a text that follow each other are one: the time is that of the first. */
function merged(chunks: readonly Chunk[]): Chunk[] {
  const all: Chunk[] = []
  for (const each of chunks.map((value) => JSON.parse(JSON.stringify(value)) as Chunk)) {
    const last = all.at(-1)
    if (last !== undefined && isPiece(each) && isPiece(last) && templateOf(last) === templateOf(each)) {
      all[all.length - 1] = { ...last, delta: `${String(last['delta'])}${String(each['delta'])}` }
    } else all.push(each)
  }
  return all
}

function isPiece({ type, delta }: Chunk): boolean {
  return (
    typeof delta === 'string' &&
    ['TEXT_MESSAGE_CONTENT', 'REASONING_MESSAGE_CONTENT', 'TOOL_CALL_ARGS'].includes(type)
  )
}

function templateOf({ delta: _delta, timestamp: _timestamp, ...rest }: Chunk): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What a client that joins a run is given, without what tells it of the session. */
async function joinedChunks(connection: SessionConnection, run: string): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const each of connection.joinRun(run)) {
    const given = each as unknown as Chunk // kinds that the toolkit does not know are among them
    if (given['runId'] !== run && isOfStream(given)) chunks.push(given)
  }
  return chunks
}

/** A model's messages are not those of the session, which clients are given in their place. */
function isOfStream({ type }: Chunk): boolean {
  return type !== 'MESSAGES_SNAPSHOT'
}

/** Seed 177275599: the input of a call that is empty, and has no end. */
const emptyInput: Chunk[] = [
  { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: '', parentMessageId: 'a' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '' },
]

test('[A45] every event of a stream is given back, of kinds that nobody knows too, as it comes and afterwards', async () => {
  const url = await newSessionUrl()
  const streams: Chunk[][] = []
  const host = await open(url, 'host', { presence: false })
  const reader = await open(url, 'reader', { presence: false })
  const agent = host.agent({
    name: 'bot',
    maxAttempts: 1,
    deltas: { interval: 1, laterInterval: 1, later: 0 },
    handle: (run) => writeChunks(run, streams.shift() ?? []),
  })
  await agent.ready
  await fc.assert(
    fc.asyncProperty(stream, async (chunks) => {
      streams.push(chunks)
      const { id: message } = await host.send('go')
      const run = `bot.${message}`
      const cursor = new MessageCursor(reader, run)
      const live: Chunk[] = []
      await eventually(() => expect(reader.run(run)).toBeDefined())
      const joined = joinedChunks(sessionConnection(reader), run)
      const stop = reader.db.observe({ onChanges: () => void live.push(...cursor.take()) })
      await eventually(() => expect(reader.run(run)).toMatchObject({ status: 'done' }))
      stop()
      live.push(...cursor.take())
      expect(merged(readChunks(reader, run))).toEqual(merged(chunks))
      expect(merged(await joined)).toEqual(merged(chunks.filter(isOfStream)))
      expect(merged(live)).toEqual(merged(chunks))
    }),
    { numRuns: 40, examples: [[emptyInput]] },
  )
})

test('[A45] an error of the model is given back, and fails the run', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host', { presence: false })
  const agent = host.agent({
    name: 'bot',
    maxAttempts: 1,
    handle: (run) => writeChunks(run, [{ type: 'RUN_ERROR', message: 'overloaded', code: '529' }]),
  })
  await agent.ready
  const { id: message } = await host.send('go')
  await eventually(() =>
    expect(host.run(`bot.${message}`)).toMatchObject({ status: 'failed', code: 'handler-failed' }),
  )
  expect(readChunks(host, `bot.${message}`)).toEqual([
    { type: 'RUN_ERROR', message: 'overloaded', code: '529' },
  ])
})
