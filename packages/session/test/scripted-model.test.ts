import { chat } from '@tanstack/ai'
import { eventually } from '@streamdb/testkit'
import { stepCountIs, streamText, tool } from 'ai'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { gate, scriptedModel } from '../src/testing/index.ts'
import type { Script } from '../src/testing/index.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

const ask = [{ role: 'user', content: 'What is 1 + 2?' }]

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

const sums: readonly Script[] = [
  [{ reasoning: 'A sum.' }, 'Let me see. ', { tool: 'add', input: [1, 2] }],
  ['It is 3.'],
]

test('[A65] a scripted model says what its script says, token by token, again for the same messages', async () => {
  const model = scriptedModel(['Hello, dear  Ada ', { text: ['Zwei', 'fel'] }, { reasoning: 'hm' }])
  const said = await collect(model.events(ask))
  expect(said.map((event) => ('text' in event ? event.text : event.name))).toEqual([
    ...['Hello,', ' dear', '  Ada', ' ', 'Zwei', 'fel', 'hm'],
  ])
  expect(await collect(model.events(ask))).toEqual(said)
  expect(await collect(model.stream(ask))).toEqual(said.slice(0, -1).map((e) => ('text' in e ? e.text : '')))
  expect(model.calls).toHaveLength(3)
  expect(model.calls[0]).toMatchObject({ prompt: 'What is 1 + 2?', turn: 0 })
})

test('[A65] a script that is a function is told of the messages, of whichever toolkit', async () => {
  const model = scriptedModel(({ prompt, turn, messages }) => [`${turn}/${messages.length}: ${prompt}`])
  const conversations = [
    [...ask, { role: 'tool', content: [{ type: 'tool-result', output: 3 }] }],
    [
      { role: 'user', content: [{ type: 'text', content: 'What is 1 + 2?' }] },
      { role: 'tool', content: '3' },
    ],
    [
      { role: 'user', author: 'ada', content: [{ type: 'text', text: 'What is 1 + 2?' }] },
      { role: 'tool', content: [{ type: 'tool-result', output: 3 }] },
    ],
  ]
  for (const messages of conversations) {
    expect((await collect(model.stream(messages))).join('')).toBe('1/2: What is 1 + 2?')
  }
})

test('[A65] a script waits at a gate and for delays, keeps to a rate, fails, and ends with its signal', async () => {
  const door = gate()
  const model = scriptedModel(['a', { wait: door }, { delay: 1 }, 'b', { error: 'out of tokens' }])
  const said: string[] = []
  const reading = (async () => {
    for await (const text of model.stream(ask)) said.push(text)
  })()
  await door.reached
  expect(said).toEqual(['a'])
  door.open()
  await expect(reading).rejects.toThrow('out of tokens')
  expect(said).toEqual(['a', 'b'])

  const controller = new AbortController()
  const never = gate()
  const stopped = collect(scriptedModel([{ wait: never }]).events(ask, controller))
  await never.reached
  controller.abort(new Error('enough'))
  await expect(stopped).rejects.toThrow('enough')

  const start = performance.now()
  await collect(scriptedModel(['a b c d e f'], { tokensPerSecond: 100 }).stream(ask))
  expect(performance.now() - start).toBeGreaterThan(45)
})

test('[A65] a scripted model answers a run of an agent: reasoning, text, tools that somebody approves, and what they return', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const host = await open(url, 'host')
  const model = scriptedModel(sums)
  const add = vi.fn((input: unknown) => (input as number[]).reduce((a, b) => a + b))
  const agent = host.agent({
    name: 'bot',
    handle: (run) => model.answer(run, { tools: { add: { run: add, approval: true } } }),
  })
  await agent.ready
  await ada.send('What is 1 + 2?')
  const pending = await eventually(() => {
    const [approval] = [...ada.collections.approvals.values()]
    expect(approval?.status).toBe('pending')
    return approval?.id ?? ''
  })
  await ada.approve(pending)
  await eventually(() => expect([...ada.collections.runs.values()][0]?.status).toBe('done'))
  expect(add).toHaveBeenCalledExactlyOnceWith([1, 2], expect.anything())
  expect(lines(ada)).toEqual([
    'ada: What is 1 + 2?',
    'bot: reasoning',
    'bot: Let me see. ',
    'bot: tool-call',
    'tool: tool-result',
    'bot: It is 3.',
  ])
  expect(model.calls.map(({ turn, messages }) => [turn, messages.at(-1)?.text])).toEqual([
    [0, 'What is 1 + 2?'],
    [1, '3'],
  ])
})

test('[A65] an answer that fails fails its run', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const model = scriptedModel(['So far ', { error: 'overloaded' }])
  const agent = ada.agent({ name: 'bot', maxAttempts: 1, handle: (run) => model.answer(run) })
  await agent.ready
  await ada.send('Hi')
  await eventually(() => expect([...ada.collections.runs.values()][0]?.status).toBe('failed'))
  expect(ada.view().get()[1]?.parts).toMatchObject([{ state: 'failed', text: 'So far ' }])
})

test('[A65] the AI SDK takes a scripted model, with tools and errors', async () => {
  const add = tool({
    inputSchema: z.array(z.number()),
    execute: ([a = 0, b = 0]) => a + b,
  })
  const result = streamText({
    model: scriptedModel(sums).languageModel(),
    prompt: 'What is 1 + 2?',
    tools: { add },
    stopWhen: stepCountIs(3),
  })
  expect(await result.text).toBe('It is 3.')
  const [first, second] = await result.steps
  expect(first).toMatchObject({ reasoningText: 'A sum.', text: 'Let me see. ', finishReason: 'tool-calls' })
  expect(first?.toolResults).toMatchObject([{ toolName: 'add', input: [1, 2], output: 3 }])
  expect(second).toMatchObject({ finishReason: 'stop' })

  const onError = vi.fn()
  const failing = streamText({
    model: scriptedModel(['a ', { error: 'overloaded' }]).languageModel(),
    prompt: 'Hi',
    onError,
  })
  expect((await collect(failing.textStream)).join('')).toBe('a ')
  expect(onError).toHaveBeenCalledWith({ error: expect.objectContaining({ message: 'overloaded' }) })
})

test('[A65] TanStack AI takes a scripted model, with tools and errors', async () => {
  const chunks = await collect(
    chat({
      adapter: scriptedModel(sums).textAdapter(),
      messages: [{ role: 'user', content: 'What is 1 + 2?' }],
      tools: [
        {
          name: 'add',
          description: 'Adds',
          inputSchema: z.array(z.number()),
          execute: (input: unknown) => (input as number[]).reduce((a, b) => a + b),
        },
      ],
    }),
  )
  const text = chunks.flatMap((chunk) => (chunk.type === 'TEXT_MESSAGE_CONTENT' ? [chunk.delta] : []))
  expect(text.join('')).toBe('Let me see. It is 3.')
  expect(chunks).toContainEqual(expect.objectContaining({ type: 'TOOL_CALL_RESULT', content: '3' }))
  expect(chunks.at(-1)).toMatchObject({ type: 'RUN_FINISHED' })

  const failing = chat({
    adapter: scriptedModel([{ error: 'overloaded' }]).textAdapter(),
    messages: [{ role: 'user', content: 'Hi' }],
  })
  expect((await collect(failing)).at(-1)).toMatchObject({ type: 'RUN_ERROR', message: 'overloaded' })
})
