import { Chat } from '@ai-sdk/react'
import { eventually } from '@streamdb/testkit'
import { convertToModelMessages } from 'ai'
import type { UIMessage } from 'ai'
import { expect, test } from 'vitest'
import { followChat, sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { AgentRun } from '../../src/index.ts'
import { openWith, statuses, streamOf } from './support.ts'

function texts(messages: readonly UIMessage[]): string[] {
  return messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : part.type)).join('|'))
}

/** Answers with what it was told, and how often it was asked. */
function echo() {
  let count = 0
  return (run: AgentRun) =>
    writeUIMessageStream(run, ({ messages }) => {
      const delta = `${++count}: ${texts(messages).join(', ')}`
      return streamOf([
        { type: 'start' },
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta },
        { type: 'text-end', id: 't' },
        { type: 'finish' },
      ])
    })
}

test('[A63] to regenerate, and to edit, make a branch that the transport follows; what was said stays', async () => {
  const { ada } = await openWith(echo())
  const transport = sessionTransport(ada)
  const chat = new Chat({ transport })
  const stop = followChat(chat, transport)
  await chat.sendMessage({ text: 'Hi' })
  expect(texts(chat.messages)).toEqual(['Hi', '1: Hi'])
  await chat.regenerate()
  expect(texts(chat.messages)).toEqual(['Hi', '2: Hi'])
  expect(transport.branch).not.toBe('main')
  await chat.sendMessage({ text: 'More' })
  expect(texts(chat.messages)).toEqual(['Hi', '2: Hi', 'More', '3: Hi, 2: Hi, More'])
  const more = chat.messages[2]?.id ?? ''
  await chat.sendMessage({ text: 'Less', messageId: more })
  await eventually(() => expect(texts(chat.messages)).toEqual(['Hi', '2: Hi', 'Less', '4: Hi, 2: Hi, Less']))
  expect(texts(toUIMessages(ada))).toEqual(['Hi', '1: Hi'])
  transport.branch = 'main'
  await eventually(() => expect(texts(chat.messages)).toEqual(['Hi', '1: Hi']))
  await chat.sendMessage()
  stop()
})

test('[A63] a message that was refused, or has failed, is sent once when it is sent again', async () => {
  let isDown = true
  const { ada } = await openWith(
    (run) => {
      if (isDown) throw new Error('Down')
      return writeUIMessageStream(
        run,
        streamOf([
          { type: 'text-start', id: 't' },
          { type: 'text-delta', id: 't', delta: 'Up' },
        ]),
      )
    },
    { maxAttempts: 1 },
  )
  const transport = sessionTransport(ada)
  const chat = new Chat({ transport })
  await chat.sendMessage({ text: 'Hi' })
  expect(chat.error?.message).toBe('Down')
  isDown = false
  await chat.sendMessage()
  expect(texts(chat.messages)).toEqual(['Hi', 'Up'])
  expect([...ada.collections.messages.values()].filter(({ role }) => role === 'user')).toHaveLength(1)
  expect(statuses(ada)).toEqual(['done', 'failed'])
})

test('[A64] models are told of tool calls, reasoning and files, whoever wrote them, and with which toolkit', async () => {
  const { ada } = await openWith(async (run) => {
    await run.reasoning('hm')
    await run.tool({ name: 'add', id: 'c1', input: { a: 1 }, run: ({ a }) => a + 1 })
    await run.part({ kind: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' })
    await run.data('mood', 'good')
    await run.text('It is 2')
  })
  const transport = sessionTransport(ada)
  const chat = new Chat<UIMessage>({ transport })
  await chat.sendMessage({
    text: 'See',
    files: [{ type: 'file', url: 'data:text/plain,hi', mediaType: 'text/plain', filename: 'a.txt' }],
  })
  expect(chat.messages[1]?.parts).toMatchObject([
    { type: 'reasoning', text: 'hm', state: 'done' },
    { type: 'tool-add', state: 'output-available', input: { a: 1 }, output: 2 },
    { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
    { type: 'data-mood', data: 'good' },
    { type: 'text', text: 'It is 2', state: 'done' },
  ])
  expect(toUIMessages(ada)).toEqual(JSON.parse(JSON.stringify(chat.messages)))
  expect(await convertToModelMessages(toUIMessages(ada))).toMatchObject([
    {
      role: 'user',
      content: [
        { type: 'file', mediaType: 'text/plain', filename: 'a.txt', data: 'data:text/plain,hi' },
        { type: 'text', text: 'See' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'add', input: { a: 1 } },
        { type: 'file', mediaType: 'image/png', data: 'https://example.com/a.png' },
        { type: 'text', text: 'It is 2' },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: 'c1', toolName: 'add', output: { type: 'json', value: 2 } },
      ],
    },
  ])
})

test('[A64] what the toolkit has written is told to models of others: ModelMessages of the session', async () => {
  const { ada } = await openWith((run) =>
    writeUIMessageStream(
      run,
      streamOf([
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'hm' },
        { type: 'reasoning-end', id: 'r' },
        { type: 'tool-input-start', toolCallId: 'c', toolName: 'add' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"a":1}' },
        { type: 'tool-input-available', toolCallId: 'c', toolName: 'add', input: { a: 1 } },
        { type: 'tool-output-available', toolCallId: 'c', output: 2 },
        { type: 'file', url: 'u', mediaType: 'image/png' },
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: 'It is 2' },
      ]),
    ),
  )
  await ada.send('1 + 1?')
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  expect(ada.toModelMessages().slice(1)).toMatchObject([
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'tool-call', id: 'c', name: 'add', input: { a: 1 } },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: 'c', name: 'add', output: 2 }] },
    {
      role: 'assistant',
      content: [
        { type: 'file', url: 'u' },
        { type: 'text', text: 'It is 2' },
      ],
    },
  ])
})
