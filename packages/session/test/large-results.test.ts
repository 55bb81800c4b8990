import { ChatClient } from '@tanstack/ai-client'
import { AbstractChat, convertToModelMessages } from 'ai'
import type { ChatState, UIMessage } from 'ai'
import { eventually } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { sessionTransport, toUIMessages, writeUIMessageStream } from '../src/ai-sdk/index.ts'
import type { AgentRun, Session } from '../src/index.ts'
import { readChunks, sessionConnection, writeChunks } from '../src/tanstack-ai/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

const rows = Array.from({ length: 4_000 }, (_, index) => `row ${index} of a large result`)
const picture = `data:image/png;base64,${btoa('pixel '.repeat(20_000))}`

async function openWith(handle: (run: AgentRun) => unknown) {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  await host.agent({ name: 'bot', handle }).ready
  return { url, host, ada: await open(url, 'ada') }
}

async function isDone({ collections }: Session): Promise<void> {
  await eventually(() => expect([...collections.runs.values()].at(-1)?.status).toBe('done'))
}

async function logSize(url: string): Promise<number> {
  return (await (await fetch(`${url}?offset=-1`)).text()).length
}

function chatState(messages: UIMessage[]): ChatState<UIMessage> {
  return {
    status: 'ready',
    error: undefined,
    messages,
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

class Chat extends AbstractChat<UIMessage> {}

function outputsIn(messages: readonly { readonly parts: readonly object[] }[]): unknown[] {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => ('output' in part ? [part.output] : [])))
}

test('[A91] a large result in a stream of the AI SDK is beside the log, in its place, and its chats have it', async () => {
  const chunks = [
    { type: 'start' },
    { type: 'start-step' },
    { type: 'tool-input-available', toolCallId: 'c', toolName: 'list', input: {} },
    { type: 'tool-output-available', toolCallId: 'c', output: rows },
    { type: 'finish-step' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'There they are' },
    { type: 'text-end', id: 't' },
    { type: 'file', url: picture, mediaType: 'image/png' },
    { type: 'finish' },
  ]
  const { url, ada } = await openWith((run) =>
    writeUIMessageStream(
      run,
      new ReadableStream({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(chunk)
          controller.close()
        },
      }),
    ),
  )
  const transport = sessionTransport(ada)
  const chat = new Chat({ transport, state: chatState([]) })
  await chat.sendMessage({ text: 'List' })
  await isDone(ada)
  expect(chat.status).toBe('ready')
  expect(outputsIn(chat.messages)).toEqual([rows])
  expect(chat.messages.at(-1)?.parts.map(({ type }) => type)).toEqual([
    'step-start',
    'tool-list',
    'text',
    'file',
  ])
  expect(await logSize(url)).toBeLessThan(20_000)
  // Who comes later has it when it is read.
  const ben = await open(url, 'ben')
  const later = sessionTransport(ben)
  await eventually(() => expect(outputsIn(later.messages())).toEqual([rows]))
  expect(toUIMessages(ben)).toEqual(JSON.parse(JSON.stringify(chat.messages)))
  const [file] =
    toUIMessages(ben)
      .at(-1)
      ?.parts.filter(({ type }) => type === 'file') ?? []
  const stored = await fetch(file?.type === 'file' ? file.url : '')
  expect(await stored.text()).toBe('pixel '.repeat(20_000))
})

test('[A91] a large file that a chat of the AI SDK sends is beside the log; its model gets the bytes, and to send it again is no edit', async () => {
  let told: unknown
  const { url, ada } = await openWith((run) =>
    writeUIMessageStream(run, async ({ messages }) => {
      told = (await convertToModelMessages(messages)).at(-1)
      return new ReadableStream({
        start: (controller) => controller.close(),
      })
    }),
  )
  const transport = sessionTransport(ada)
  const chat = new Chat({ transport, state: chatState([]) })
  await chat.sendMessage({
    text: 'See',
    files: [{ type: 'file', url: picture, mediaType: 'image/png', filename: 'a.png' }],
  })
  await isDone(ada)
  expect(JSON.stringify(told)).toContain(picture)
  expect(await logSize(url)).toBeLessThan(20_000)
  const [message] = toUIMessages(ada)
  expect(message?.parts[0]).toMatchObject({ type: 'file', filename: 'a.png', mediaType: 'image/png' })
  expect(JSON.stringify(message)).not.toContain('base64')
  for (const messages of [chat.messages.slice(0, 1), toUIMessages(ada).slice(0, 1)]) {
    await transport.sendMessages({
      ...{ trigger: 'submit-message', chatId: 'c', messageId: undefined, messages, abortSignal: undefined },
    })
  }
  await eventually(() => expect(ada.collections.attachments.size).toBe(1))
  expect(ada.thread().filter(({ message: { role } }) => role === 'user')).toHaveLength(1)
})

test('[A91] a large result in a stream of TanStack AI is beside the log, in its place, and its clients have it', async () => {
  const chunks = [
    { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
    { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'list', parentMessageId: 'm' },
    { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{}' },
    { type: 'TOOL_CALL_END', toolCallId: 'c' },
    { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm', content: JSON.stringify(rows) },
    { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'There they are' },
    { type: 'TEXT_MESSAGE_END', messageId: 'm' },
    { type: 'RUN_FINISHED', threadId: 't', runId: 'r', finishReason: 'stop' },
  ]
  const { url, ada } = await openWith((run) => writeChunks(run, chunks))
  const client = new ChatClient({ connection: sessionConnection(ada), threadId: 't', persistence: true })
  onTestFinished(() => client.dispose())
  client.subscribe()
  client.attach()
  await client.sendMessage('List')
  const results = (shown: ChatClient) =>
    shown
      .getMessages()
      .flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-result' ? [part.content] : [])))
  expect(results(client)).toEqual([JSON.stringify(rows)])
  expect(await logSize(url)).toBeLessThan(20_000)
  const [run] = ada.collections.runs.keys()
  expect(readChunks(ada, String(run))).toEqual(chunks)
  const later = new ChatClient({
    connection: sessionConnection(await open(url, 'ben')),
    threadId: 't',
    persistence: true,
  })
  onTestFinished(() => later.dispose())
  later.subscribe()
  later.attach()
  await eventually(() => expect(results(later)).toEqual([JSON.stringify(rows)]))
})

test('[A91] a large answer of a participant is beside the log, and the agent has it', async () => {
  const heard: unknown[] = []
  const { url, ada } = await openWith(async (run) => {
    heard.push(await run.tool({ name: 'where', input: {}, id: 'c' }))
    heard.push((await run.ask({ kind: 'input', question: 'And?', id: 'q' })).value)
  })
  await ada.send('List')
  await eventually(() => expect(ada.collections.parts.size).toBe(2))
  await ada.answer('c', rows)
  await expect(ada.answer('c', rows)).rejects.toMatchObject({ code: 'already-decided' })
  await eventually(() => expect(ada.collections.approvals.has('q')).toBe(true))
  await ada.answer('q', rows)
  await isDone(ada)
  expect(heard).toEqual([rows, rows])
  expect(await ada.toolOutput(ada.thread().at(-1)?.parts[0]?.id ?? '')).toEqual(rows)
  expect(await logSize(url)).toBeLessThan(20_000)
})

test('[A10] [A91] what the hook takes out of an answer, of the name of a file or a person, does not leave the process', async () => {
  const redact = ({ value }: { readonly value: object }): object =>
    JSON.parse(JSON.stringify(value).replaceAll('secret', '[gone]')) as object
  const { url } = await openWith((run) => run.tool({ name: 'where', input: {}, id: 'c' }))
  const ben = await open(url, 'ben', { me: { id: 'ben', name: 'Ben, a secret' }, redact })
  await ben.send('Where?')
  await eventually(() => expect(ben.collections.parts.size).toBe(2))
  await ben.attachments.upload(new Blob(['x']), { name: 'secret.txt' })
  await ben.answer('c', { place: 'secret place', rows })
  await isDone(ben)
  const all = await ben.toolOutput(ben.thread().at(-1)?.parts[0]?.id ?? '')
  expect(all).toMatchObject({ place: '[gone] place' })
  expect(await (await fetch(`${url}?offset=-1`)).text()).not.toMatch(/secret/)
})

test('[A91] a large result of run.tool is an output for both toolkits, and of what is written meanwhile nothing goes before it', async () => {
  const { host, ada } = await openWith(async (run) => {
    const call = run.newPart({
      kind: 'tool-call',
      state: 'done',
      toolCall: 'c',
      toolName: 'list',
      toolState: 'output-available',
      input: {},
      output: rows,
    })
    // Not awaited: what follows comes behind it all the same.
    void run.putPart(call)
    await run.text('There they are')
    await run.tool({ name: 'again', input: {}, run: () => rows })
  })
  const order: string[] = []
  ada.db.observe({
    onEvent: ({ type, key, headers }) =>
      void (type === 'part' && headers.operation !== 'update' && order.push(key)),
  })
  await ada.send('List')
  await isDone(ada)
  const answer = ada.thread().at(-1)
  expect(answer?.parts.map(({ kind, output }) => [kind, output])).toEqual([
    ['tool-call', undefined],
    ['text', undefined],
    ['tool-call', undefined],
  ])
  expect(order.slice(1, 3)).toEqual(answer?.parts.slice(0, 2).map(({ id }) => id))
  const transport = sessionTransport(ada)
  await eventually(() => expect(outputsIn(transport.messages())).toEqual([rows, rows]))
  const results = readChunks(ada, [...ada.collections.runs.values()][0] ?? '').filter(
    ({ type }) => type === 'TOOL_CALL_RESULT',
  )
  expect(results.map((chunk) => chunk['content'])).toEqual([JSON.stringify(rows), JSON.stringify(rows)])
  expect(host.toModelMessages().filter(({ role }) => role === 'tool')).toHaveLength(2)
})
