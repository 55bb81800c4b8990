import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamProcessor } from '@tanstack/ai/client'
import type { StreamChunk, UIMessage } from '@tanstack/ai/client'
import { eventually, startStreamServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openSession } from '../../src/index.ts'
import { writeChunks } from '../../src/tanstack-ai/index.ts'
import { gate } from '../../src/testing/index.ts'
import { open } from '../support/sessions.ts'
import { clientOf, openWith } from './support.ts'

/** An answer with reasoning, tool calls side by side and one behind the other, events of the application, and two messages. */
const chunks: { type: string; [field: string]: unknown }[] = [
  { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
  { type: 'REASONING_START', messageId: 'think' },
  { type: 'REASONING_MESSAGE_START', messageId: 'think', role: 'reasoning' },
  { type: 'REASONING_MESSAGE_CONTENT', messageId: 'think', delta: 'I ' },
  { type: 'REASONING_MESSAGE_CONTENT', messageId: 'think', delta: 'think' },
  { type: 'REASONING_MESSAGE_END', messageId: 'think' },
  { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId: 'think', encryptedValue: 'signed' },
  { type: 'REASONING_END', messageId: 'think' },
  { type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'Let ' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'me look' },
  { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
  { type: 'TOOL_CALL_START', toolCallId: 'a', toolCallName: 'look', parentMessageId: 'm1' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'a', delta: '{"at":' },
  { type: 'TOOL_CALL_START', toolCallId: 'b', toolCallName: 'hear', parentMessageId: 'm1' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'a', delta: '1}' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'b', delta: '{}' },
  { type: 'TOOL_CALL_END', toolCallId: 'a' },
  { type: 'TOOL_CALL_END', toolCallId: 'b' },
  { type: 'RUN_FINISHED', threadId: 't', runId: 'r', finishReason: 'tool_calls' },
  { type: 'TOOL_CALL_RESULT', messageId: 'm1', toolCallId: 'b', content: '"a bell"' },
  { type: 'TOOL_CALL_RESULT', messageId: 'm1', toolCallId: 'a', content: '{"seen":"a cat"}' },
  { type: 'CUSTOM', name: 'mood', value: 'good' },
  { type: 'SOMETHING_NEW', anything: [1] },
  { type: 'TEXT_MESSAGE_START', messageId: 'm2', role: 'assistant' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm2', delta: 'A ' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm2', delta: 'cat' },
  { type: 'TEXT_MESSAGE_END', messageId: 'm2' },
  { type: 'RUN_FINISHED', threadId: 't', runId: 'r', finishReason: 'stop' },
]

/** What the toolkit itself makes of these events. */
function shownByToolkit(): unknown[] {
  const processor = new StreamProcessor()
  for (const chunk of chunks) processor.processChunk({ ...chunk } as unknown as StreamChunk)
  processor.finalizeStream()
  return shown(processor.getMessages())
}

function shown(messages: readonly UIMessage[]): unknown[] {
  return messages.map(({ id, role, parts }) => ({ id, role, parts }))
}

test('[A51] clients that load, and that load anew, behind every single event of an answer end as the toolkit does with all of them', async () => {
  const gates = chunks.map(() => gate())
  const { url } = await openWith((run) =>
    writeChunks(
      run,
      (async function* () {
        for (const [index, chunk] of chunks.entries()) {
          await gates[index]?.pass()
          yield chunk
        }
      })(),
    ),
  )
  const session = await open(url, 'ada')
  await session.send('Go')
  const clients = [clientOf(session)]
  const others = await Promise.all([open(url, 'ben'), open(url, 'cleo')])
  // A client that only loads is not told of a run that begins later.
  for (const { collections } of others) await eventually(() => expect(collections.runs.size).toBe(1))
  for (const each of gates) {
    await each.reached
    for (const [index, other] of others.entries()) clients.push(clientOf(other, { live: index === 0 }))
    // One that was there goes away for a moment.
    clients[0]?.detach()
    clients[0]?.attach()
    each.open()
  }
  const expected = shownByToolkit()
  for (const client of clients) {
    await eventually(() => expect(shown(client.getMessages()).slice(1)).toEqual(expected))
    await eventually(() => expect(client.getIsLoading()).toBe(false))
    await eventually(() => expect(client.getSessionGenerating()).toBe(false))
  }
})

test('[A51] a server that restarts in mid answer loses nothing, and shows nothing twice', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'streamdb-tanstack-ai-'))
  const server = await startStreamServer({ dataDir })
  const url = `${server.url}/restarted`
  const at = [gate(), gate()] as const
  const options = { url, presence: false as const, db: { retry: { initialDelay: 5, maxDelay: 20 } } }
  const host = openSession({ ...options, me: { id: 'host' } })
  const ada = openSession({ ...options, me: { id: 'ada' } })
  onTestFinished(async () => {
    host.close()
    ada.close()
    await server.stop()
    await rm(dataDir, { recursive: true })
  })
  await host.agent({
    name: 'bot',
    handle: (run) =>
      writeChunks(
        run,
        (async function* () {
          for (const [index, chunk] of chunks.entries()) {
            if (index === 10) await at[0].pass()
            if (index === 26) await at[1].pass()
            yield chunk
          }
        })(),
      ),
  }).ready
  const client = clientOf(ada)
  const sending = client.sendMessage('Go')
  for (const each of at) {
    await each.reached
    await server.restart()
    each.open()
  }
  await sending
  await eventually(() => expect(shown(client.getMessages()).slice(1)).toEqual(shownByToolkit()))
  const again = clientOf(ada)
  await eventually(() => expect(shown(again.getMessages()).slice(1)).toEqual(shownByToolkit()))
})
