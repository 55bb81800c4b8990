import { eventually } from '@streamdb/testkit'
import { readUIMessageStream } from 'ai'
import type { UIMessage } from 'ai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldChunks } from '../../src/ai-sdk/fold.ts'
import { sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { Chunk } from '../../src/ai-sdk/chunk.ts'
import { chunksOfMessage } from '../../src/ai-sdk/message-chunks.ts'
import { open } from '../support/sessions.ts'
import { arbitraryChaos, arbitraryStream, coalesced, newKinds } from './arbitrary-chunks.ts'
import { openWith, read, streamOf } from './support.ts'

/** Version 7 wants Node 22. */
const seven = Number(process.versions.node.split('.')[0]) >= 22 ? await import('ai-7') : undefined

type Reader = (options: {
  stream: ReadableStream<never>
  onError: (error: unknown) => void
}) => AsyncIterable<unknown>

/** Returns the message that the toolkit's own reader makes of chunks. */
async function readBy(reader: unknown, chunks: readonly Chunk[]): Promise<object> {
  let last: unknown
  // Each version has types of its own for the same chunks.
  const messages = (reader as Reader)({
    stream: streamOf(chunks) as ReadableStream<never>,
    onError: () => undefined,
  })
  for await (const message of messages) last = message
  return plain(last)
}

function plain(value: unknown): object {
  return JSON.parse(JSON.stringify(value)) as object
}

/** An agent whose answers are the streams that are given to `play`. */
async function player() {
  const streams: (readonly Chunk[])[] = []
  const { ada, url } = await openWith((run) => writeUIMessageStream(run, streamOf(streams.shift() ?? [])))
  const transport = sessionTransport(ada)
  let count = 0
  return {
    ada,
    url,
    async play(
      chunks: readonly Chunk[],
    ): Promise<{ readonly message: string; readonly live: readonly Chunk[] }> {
      streams.push(chunks)
      const id = `m${count++}`
      const messages: UIMessage[] = [{ id, role: 'user', parts: [{ type: 'text', text: 'Go' }] }]
      const request = { trigger: 'submit-message' as const, chatId: 'c', messageId: undefined, messages }
      const stream = await transport.sendMessages({ ...request, abortSignal: undefined })
      return { message: `bot.${id}`, live: (await read(stream)) as readonly Chunk[] }
    },
    replay(session: typeof ada, message: string): Chunk[] {
      const view = session.thread().find((each) => each.message.id === message)
      return view === undefined ? [] : (plain(chunksOfMessage(view, session)) as Chunk[])
    },
  }
}

/** What is to come back: the message's name is the session's where the stream names none. */
function named(chunks: readonly Chunk[], messageId: string): Chunk[] {
  const [first, ...rest] = chunks
  if (first?.type !== 'start') return first === undefined ? [] : [{ type: 'start', messageId }, ...chunks]
  return [{ messageId, ...first }, ...rest]
}

test('[A59] a stream comes back: the same chunks to who comes later, the same message to who reads it live', async () => {
  const { ada, url, play, replay } = await player()
  const all: { message: string; expected: Chunk[]; folded: object }[] = []
  await fc.assert(
    fc.asyncProperty(arbitraryStream([newKinds]), async (chunks) => {
      const { message, live } = await play(chunks)
      const expected = named(chunks, message)
      const { readUIMessageStream: readBySeven } = seven ?? {}
      const original = await readBy(readUIMessageStream, expected)
      expect(await readBy(readUIMessageStream, live)).toEqual(original)
      expect(await readBy(readUIMessageStream, replay(ada, message))).toEqual(original)
      if (readBySeven !== undefined)
        expect(await readBy(readBySeven, live)).toEqual(await readBy(readBySeven, expected))
      expect(coalesced(replay(ada, message))).toEqual(coalesced(withoutEarlier(expected)))
      all.push({ message, expected, folded: plain(foldChunks(message, expected)) })
    }),
    { numRuns: 30 },
  )
  await eventually(() => expect(ada.collections.deltas.size).toBe(0))
  const later = await open(url, 'bea')
  const messages = toUIMessages(later)
  for (const { message, expected, folded } of all) {
    expect(coalesced(replay(later, message))).toEqual(coalesced(withoutEarlier(expected)))
    expect(plain(messages.find(({ id }) => id === message))).toEqual(folded)
  }
})

test('[A59] chunks of all kinds in any order come back, also such as no version knows', async () => {
  const { ada, play, replay } = await player()
  await fc.assert(
    fc.asyncProperty(arbitraryChaos, async (chunks) => {
      const { message } = await play(chunks)
      const replayed = withoutEarlier(replay(ada, message))
      expect(coalesced(replayed)).toEqual(coalesced(withoutEarlier(named(chunks, message))))
    }),
    { numRuns: 30 },
  )
})

test('[A59] messages are put together as the toolkit does it', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryStream(), async (chunks) => {
      // The toolkit's reader shows a step's beginning with what comes next.
      const expected = [...named(chunks, 'm'), { type: 'message-metadata', messageMetadata: { last: true } }]
      const folded = plain(foldChunks('m', expected))
      expect(folded).toEqual(withoutPartialInputs(await readBy(readUIMessageStream, expected)))
    }),
    { numRuns: 150 },
  )
})

/** Of results that are preliminary, and of data under one id, the latest comes back. */
function withoutEarlier(chunks: readonly Chunk[]): Chunk[] {
  return chunks.filter(
    (chunk, index) =>
      chunk['preliminary'] !== true ||
      !chunks
        .slice(index + 1)
        .some((later) => later.type.startsWith('tool-output') && later['toolCallId'] === chunk['toolCallId']),
  )
}

/** What is parsed of an input that streams is not in `toUIMessages`. */
function withoutPartialInputs(message: object): object {
  const { parts } = message as { parts: { state?: string; input?: unknown }[] }
  return {
    ...message,
    parts: parts.map(({ input, ...part }) =>
      input === undefined || part.state === 'input-streaming' ? part : { ...part, input },
    ),
  }
}
