import { Chat } from '@ai-sdk/react'
import { eventually } from '@streamdb/testkit'
import { convertToModelMessages, simulateReadableStream, streamText } from 'ai'
import type { UIMessage, UIMessageChunk } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { expect, test } from 'vitest'
import { followChat, sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { SessionTransportOptions } from '../../src/ai-sdk/index.ts'
import type { Session } from '../../src/index.ts'
import { lines, open } from '../support/sessions.ts'
import { openWith, pushStream, statuses } from './support.ts'

function chatOf(session: Session, options?: SessionTransportOptions) {
  const transport = sessionTransport(session, options)
  return { transport, chat: new Chat({ transport, messages: transport.messages() }) }
}

function texts({ messages }: { messages: readonly UIMessage[] }): string[] {
  return messages.map(
    ({ role, parts }) =>
      `${role}: ${parts.map((part) => ('text' in part ? part.text : part.type)).join('|')}`,
  )
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

test('[A55] a chat of the toolkit sends into the session, and streams the answer of an agent that uses streamText', async () => {
  const model = new MockLanguageModelV3({
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: 'text-start', id: '0' },
          { type: 'text-delta', id: '0', delta: 'Hel' },
          { type: 'text-delta', id: '0', delta: 'lo' },
          { type: 'text-end', id: '0' },
          { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
        ],
      }),
    }),
  })
  const { ada } = await openWith((run) =>
    writeUIMessageStream(run, async ({ messages, signal }) =>
      streamText({
        model,
        messages: await convertToModelMessages(messages),
        abortSignal: signal,
      }).toUIMessageStream(),
    ),
  )
  const { chat } = chatOf(ada)
  await chat.sendMessage({ text: 'Hi' })
  expect(chat.status).toBe('ready')
  expect(texts(chat)).toEqual(['user: Hi', 'assistant: step-start|Hello'])
  expect(lines(ada)).toEqual(['ada: Hi', 'bot: Hello'])
  expect(toUIMessages(ada)).toEqual(chat.messages)
  expect(model.doStreamCalls[0]?.prompt).toMatchObject([
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
  ])
})

test('[A56] a chat that is reloaded resumes the run from its beginning, and an abort of it detaches', async () => {
  const model = pushStream<UIMessageChunk>()
  const { ada } = await openWith((run) => writeUIMessageStream(run, model.stream))
  const first = chatOf(ada)
  const sent = first.chat.sendMessage({ text: 'Hi' })
  model.push(
    { type: 'start' },
    { type: 'start-step' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'One' },
  )
  await eventually(() => expect(texts(first.chat)[1]).toBe('assistant: step-start|One'))

  const second = chatOf(ada)
  const resumed = second.chat.resumeStream()
  await eventually(() => expect(texts(second.chat)[1]).toBe('assistant: step-start|One'))
  await second.chat.stop()
  await resumed
  expect(second.chat.status).toBe('ready')
  expect(statuses(ada)).toEqual(['running'])

  const again = second.chat.resumeStream()
  model.push(
    { type: 'text-delta', id: 't', delta: ' two' },
    { type: 'text-end', id: 't' },
    { type: 'finish-step' },
    { type: 'finish' },
  )
  model.close()
  await Promise.all([sent, again])
  for (const { chat } of [first, second]) {
    expect(texts(chat)).toEqual(['user: Hi', 'assistant: step-start|One two'])
    expect(chat.status).toBe('ready')
  }
  expect(await second.transport.reconnectToStream({ chatId: 'c' })).toBeNull()
})

test('[A57] stop reaches the agent: of a chat that sent, and of one that resumed', async () => {
  const signals: AbortSignal[] = []
  const { ada } = await openWith(async (run) => {
    signals.push(run.signal)
    const model = pushStream<UIMessageChunk>()
    model.push(
      { type: 'start' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'One' },
    )
    await writeUIMessageStream(run, model.stream)
  })
  const { chat } = chatOf(ada)
  const sent = chat.sendMessage({ text: 'Hi' })
  await eventually(() => expect(texts(chat)[1]).toBe('assistant: One'))
  await chat.stop()
  await sent
  await eventually(() => expect(statuses(ada)).toEqual(['cancelled']))
  expect(signals[0]?.aborted).toBe(true)

  const again = chat.sendMessage({ text: 'Again' })
  const other = chatOf(ada)
  await eventually(() => expect(statuses(ada)).toEqual(['cancelled', 'running']))
  const resumed = other.chat.resumeStream()
  await eventually(() => expect(other.chat.status).toBe('streaming'))
  await other.transport.stop()
  await Promise.all([resumed, again])
  expect(statuses(ada)).toEqual(['cancelled', 'cancelled'])
  expect(other.chat.status).toBe('ready')

  // Where it is asked for, the toolkit's own stop does so too; a resume that takes another's place stops nothing.
  const more = chat.sendMessage({ text: 'And again' })
  await eventually(() => expect(statuses(ada)).toContain('running'))
  const last = chatOf(ada, { cancelOnAbort: true })
  const resumes = [last.chat.resumeStream(), last.chat.resumeStream()]
  await eventually(() => expect(last.chat.status).toBe('streaming'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(statuses(ada)).toContain('running')
  await last.chat.stop()
  await Promise.all([...resumes, more])
  await eventually(() => expect(statuses(ada)).toEqual(['cancelled', 'cancelled', 'cancelled']))
})

test('[A58] a chat that follows its session shows what others write, and joins runs that they began', async () => {
  const model = pushStream<UIMessageChunk>()
  const { ada, url } = await openWith((run) => writeUIMessageStream(run, model.stream))
  const bea = await open(url, 'bea')
  const { chat, transport } = chatOf(ada)
  const stop = followChat(chat, transport)
  await bea.send('Hi')
  await eventually(() => expect(texts(chat)).toEqual(['user: Hi']))
  model.push(
    { type: 'start' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'One' },
  )
  await eventually(() => expect(texts(chat)).toEqual(['user: Hi', 'assistant: One']))
  expect(chat.status).toBe('streaming')
  model.push({ type: 'text-end', id: 't' }, { type: 'finish' })
  model.close()
  await eventually(() => expect(chat.status).toBe('ready'))
  expect(chat.messages).toEqual(toUIMessages(ada))
  stop()
})
