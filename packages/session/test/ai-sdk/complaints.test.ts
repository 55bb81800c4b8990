import { Chat } from '@ai-sdk/react'
import { eventually, needs } from '@streamdb/testkit'
import type { UIMessage, UIMessageChunk } from 'ai'
import { expect, test } from 'vitest'
import { followChat, sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { Session } from '../../src/index.ts'
import { open, sessionServer } from '../support/sessions.ts'
import { openWith, pushStream, read, statuses, streamOf } from './support.ts'

function chatOf(session: Session) {
  const transport = sessionTransport(session)
  return { transport, chat: new Chat({ transport, messages: transport.messages() }) }
}

function texts({ messages }: { messages: readonly UIMessage[] }): string[] {
  return messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : part.type)).join('|'))
}

const begin: UIMessageChunk[] = [
  { type: 'start' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'One' },
]
const finish: UIMessageChunk[] = [
  { type: 'text-delta', id: 't', delta: ' two' },
  { type: 'text-end', id: 't' },
  { type: 'finish' },
]

test('[A61] resumes that overlap do not race, and no text is doubled', async () => {
  const model = pushStream<UIMessageChunk>()
  const { ada } = await openWith((run) => writeUIMessageStream(run, model.stream))
  await ada.send('Hi')
  model.push(...begin)
  await eventually(() => expect(texts({ messages: toUIMessages(ada) })[1]).toBe('One'))
  const { chat } = chatOf(ada)
  expect(texts(chat)).toEqual(['Hi', 'One'])
  const resumes = [chat.resumeStream(), chat.resumeStream(), chat.resumeStream()]
  await eventually(() => expect(chat.status).toBe('streaming'))
  resumes.push(chat.resumeStream())
  model.push(...finish)
  model.close()
  await Promise.all(resumes)
  expect(texts(chat)).toEqual(['Hi', 'One two'])
  expect(statuses(ada)).toEqual(['done'])
})

test('[A61] a reload with several runs under way gets all of them, each in its message', async () => {
  const models = { bot: pushStream<UIMessageChunk>(), cook: pushStream<UIMessageChunk>() }
  const { ada, host } = await openWith((run) => writeUIMessageStream(run, models.bot.stream))
  const cook = host.agent({ name: 'cook', handle: (run) => writeUIMessageStream(run, models.cook.stream) })
  await cook.ready
  await ada.send('Hi')
  models.bot.push(...begin)
  models.cook.push(...begin)
  await eventually(() => expect(statuses(ada)).toEqual(['running', 'running']))
  const { chat } = chatOf(ada)
  const resumed = chat.resumeStream()
  for (const model of [models.cook, models.bot]) {
    model.push(...finish)
    model.close()
  }
  await resumed
  expect(texts(chat)).toEqual(['Hi', 'One two', 'One two'])
  expect(new Set(chat.messages.map(({ id }) => id)).size).toBe(3)
})

test('[A61] the end of an answer that comes fast is not lost', async () => {
  const deltas = Array.from({ length: 3_000 }, (_, index) => `${index} `)
  const chunks = [
    { type: 'text-start', id: 't' },
    ...deltas.map((delta) => ({ type: 'text-delta', id: 't', delta })),
    { type: 'text-end', id: 't' },
  ]
  const { ada } = await openWith((run) => writeUIMessageStream(run, streamOf(chunks)))
  const { chat } = chatOf(ada)
  await chat.sendMessage({ text: 'Count' })
  expect(texts(chat)[1]).toBe(deltas.join(''))
})

test('[A61] who comes back later sees what was said meanwhile, and streams nothing', async () => {
  const model = pushStream<UIMessageChunk>()
  const { ada, url } = await openWith((run) => writeUIMessageStream(run, model.stream))
  const left = await open(url, 'ada')
  const first = chatOf(left)
  void first.chat.sendMessage({ text: 'Hi' })
  model.push(...begin)
  await eventually(() => expect(texts(first.chat)).toEqual(['Hi', 'One']))
  left.close()
  model.push(...finish)
  model.close()
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  await eventually(() => expect(first.chat.error).toMatchObject({ code: 'closed' }))
  const back = chatOf(await open(url, 'ada'))
  await back.chat.resumeStream()
  expect(texts(back.chat)).toEqual(['Hi', 'One two'])
  expect(back.chat.status).toBe('ready')
})

test('[A61] a connection that ends in the middle is made again, and the chat hears nothing of it', async () => {
  await needs('embedded')
  const model = pushStream<UIMessageChunk>()
  const { ada } = await openWith((run) => writeUIMessageStream(run, model.stream))
  const { chat } = chatOf(ada)
  const sent = chat.sendMessage({ text: 'Hi' })
  model.push(...begin)
  await eventually(() => expect(texts(chat)[1]).toBe('One'))
  const { server } = await sessionServer()
  // Live readers see a clean end of file.
  server.injectFault(new URL(ada.url).pathname, { dropConnection: true, count: 1 })
  model.push(...finish)
  model.close()
  await sent
  expect(texts(chat)).toEqual(['Hi', 'One two'])
  expect(chat.status).toBe('ready')
})

test('[A62] an answer that another process writes anew ends the stream with an error; a chat that follows reads it anew', async () => {
  const models: ReturnType<typeof pushStream<UIMessageChunk>>[] = []
  const handle = (run: Parameters<Parameters<typeof openWith>[0]>[0]) => {
    const model = pushStream<UIMessageChunk>()
    models.push(model)
    return writeUIMessageStream(run, model.stream)
  }
  const { ada, url, agent } = await openWith(handle)
  const plain = chatOf(ada)
  const followed = chatOf(ada)
  const stop = followChat(followed.chat, followed.transport)
  const sent = plain.chat.sendMessage({ text: 'Hi' })
  await eventually(() => expect(models).toHaveLength(1))
  models[0]?.push(...begin)
  await eventually(() => expect(texts(plain.chat)[1]).toBe('One'))
  await eventually(() => expect(texts(followed.chat)[1]).toBe('One'))
  const other = await open(url, 'other')
  const next = other.agent({ name: 'bot', handle })
  await next.ready
  await agent.stop()
  expect(models[0]?.isCancelled).toBe(true)
  await eventually(() => expect(models).toHaveLength(2))
  models[1]?.push(...begin, { type: 'text-delta', id: 't', delta: ' or' }, ...finish)
  models[1]?.close()
  await sent
  expect(plain.chat.status).toBe('error')
  expect(plain.chat.error).toMatchObject({ code: 'lease-lost' })
  await plain.chat.resumeStream()
  await eventually(() => expect(followed.chat.status).toBe('ready'))
  await eventually(() => expect(texts(followed.chat)).toEqual(['Hi', 'One or two']))
  stop()
  await next.stop()
})

test('[A62] a run that fails, and one that nobody takes over, end what streams', async () => {
  const { ada, agent } = await openWith(
    async (run) => {
      if (run.attempt === 1 && run.triggers[0]?.parts[0]?.text === 'Fail') throw new Error('No model')
      await new Promise(() => undefined)
    },
    { maxAttempts: 1 },
  )
  const transport = sessionTransport(ada, { takeoverTimeout: 50 })
  const chat = new Chat({ transport })
  await chat.sendMessage({ text: 'Fail' })
  expect(chat.status).toBe('error')
  expect(chat.error?.message).toMatch('No model')
  const sent = chat.sendMessage({ text: 'Hang' })
  await eventually(() => expect(statuses(ada)).toEqual(['failed', 'running']))
  await agent.stop()
  await sent
  expect(chat.status).toBe('error')
  expect(chat.error).toMatchObject({ code: 'lease-lost' })
})

test('[A62] an abort of a resumed stream reads no further, and leaves nothing behind', async () => {
  const model = pushStream<UIMessageChunk>()
  const { ada } = await openWith((run) => writeUIMessageStream(run, model.stream))
  await ada.send('Hi')
  model.push(...begin)
  await eventually(() => expect(statuses(ada)).toEqual(['running']))
  const transport = sessionTransport(ada)
  const abort = new AbortController()
  const stream = await transport.reconnectToStream({ chatId: 'c', abortSignal: abort.signal })
  abort.abort()
  expect(stream).not.toBeNull()
  if (stream !== null) await read(stream)
  expect(transport.streaming.size).toBe(0)
  expect(statuses(ada)).toEqual(['running'])
})
