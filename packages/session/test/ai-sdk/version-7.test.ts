import { eventually } from '@streamdb/testkit'
import type { ChatState, ChatTransport, UIMessage } from 'ai-7'
import { expect, test } from 'vitest'
import { sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import { scriptedModel } from '../../src/testing/index.ts'
import { openWith, statuses, streamOf } from './support.ts'

/** The toolkit's version 7 wants Node 22. */
const isOld = Number(process.versions.node.split('.')[0]) < 22

function chatState(): ChatState<UIMessage> {
  return {
    status: 'ready',
    error: undefined,
    messages: [],
    snapshot: structuredClone,
    pushMessage(message) {
      this.messages = [...this.messages, message]
    },
    popMessage() {
      this.messages = this.messages.slice(0, -1)
    },
    replaceMessage(index, message) {
      this.messages = this.messages.map((each, at) => (at === index ? structuredClone(message) : each))
    },
  }
}

test.skipIf(isOld)('[A55] version 7: its streamText answers, and its chat sends and streams', async () => {
  const { AbstractChat, convertToModelMessages, streamText, toUIMessageStream } = await import('ai-7')
  const model = scriptedModel([{ reasoning: 'hm' }, 'Hello'])
  const { ada } = await openWith((run) =>
    writeUIMessageStream(run, async ({ messages, signal }) => {
      const result = streamText({
        model: model.languageModel(),
        // The messages of version 6 are messages of version 7.
        messages: await convertToModelMessages(messages as unknown as UIMessage[]),
        abortSignal: signal,
      })
      return toUIMessageStream({ stream: result.stream })
    }),
  )
  class Chat extends AbstractChat<UIMessage> {}
  const transport = sessionTransport(ada)
  // The types here are those of version 6; with version 7 installed alone they are its own.
  const chat = new Chat({ transport: transport as unknown as ChatTransport<UIMessage>, state: chatState() })
  await chat.sendMessage({ text: 'Hi' })
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  expect(chat.status).toBe('ready')
  expect(chat.messages.at(-1)?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'Hello' },
  ])
  expect(toUIMessages(ada)).toEqual(JSON.parse(JSON.stringify(chat.messages)))
  await chat.resumeStream()
  expect(chat.messages).toHaveLength(2)
})

test('[A59] kinds of version 7 are there for its chats, and no words of a step that was reset for models', async () => {
  const chunks = [
    { type: 'start' },
    { type: 'start-step' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Wrong' },
    { type: 'reset-step' },
    { type: 'custom', kind: 'acme.note' },
    { type: 'reasoning-file', url: 'u', mediaType: 'image/png' },
    { type: 'steering-message', id: 's', parts: [{ type: 'text', text: 'Shorter' }] },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Right' },
    { type: 'text-end', id: 't' },
    { type: 'finish-step' },
    { type: 'finish' },
  ]
  const { ada } = await openWith((run) => writeUIMessageStream(run, streamOf(chunks)))
  await ada.send('Hi')
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  expect(toUIMessages(ada)[1]?.parts).toEqual([
    { type: 'step-start' },
    { type: 'custom', kind: 'acme.note' },
    { type: 'reasoning-file', url: 'u', mediaType: 'image/png' },
    { type: 'steering-message', id: 's', parts: [{ type: 'text', text: 'Shorter' }] },
    { type: 'text', text: 'Right', state: 'done' },
  ])
  expect(JSON.stringify(ada.toModelMessages())).not.toMatch('Wrong')
})
