import { chat, toolDefinition } from '@tanstack/ai'
import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AgentRun } from '../../src/index.ts'
import { answerWithChat, runInput, toModelMessages } from '../../src/tanstack-ai/index.ts'
import { gate, scriptedModel } from '../../src/testing/index.ts'
import type { Scripted } from '../../src/testing/index.ts'
import { open } from '../support/sessions.ts'
import { clientOf, openWith, said } from './support.ts'

const order = toolDefinition({
  name: 'order',
  description: 'Orders a dish',
  inputSchema: z.object({ dish: z.string() }),
  outputSchema: z.object({ ordered: z.string() }),
  needsApproval: true,
})

const weather = toolDefinition({
  name: 'weather',
  description: 'Asks the device for the weather',
  inputSchema: z.object({}),
  outputSchema: z.object({ sky: z.string() }),
})

function cook(scripted: Scripted, ordered: string[] = []) {
  const model = scriptedModel(scripted)
  const tool = order.server(({ dish }) => {
    ordered.push(dish)
    return { ordered: dish }
  })
  const handle = (run: AgentRun) =>
    answerWithChat(run, (turn) => chat({ adapter: model.textAdapter(), tools: [tool, weather], ...turn }))
  return { model, handle, ordered }
}

const soup: Scripted = [
  [{ reasoning: 'They want soup' }, 'I ask.', { tool: 'order', input: { dish: 'soup' } }],
  ['It was ordered.'],
]

test('[A47] an approval is shown to every client, and the answer goes on for all when one of them approves', async () => {
  const { handle, ordered } = cook(soup)
  const { url } = await openWith(handle)
  const tools = [order.client()]
  const ada = clientOf(await open(url, 'ada'), { tools })
  const ben = clientOf(await open(url, 'ben'), { tools })
  await ada.sendMessage('Soup, please')
  expect(ada.getInterrupts()).toMatchObject([{ kind: 'tool-approval', status: 'pending', toolName: 'order' }])
  await eventually(() =>
    expect(ben.getInterrupts()).toMatchObject([{ kind: 'tool-approval', status: 'pending' }]),
  )
  expect(ordered).toEqual([])
  ben.resolveInterrupts(true)
  const answer = [
    'user: Soup, please',
    'assistant: They want soup|I ask.|tool-call|tool-result',
    'assistant: It was ordered.',
  ]
  await eventually(() => expect(said(ben)).toEqual(answer))
  await eventually(() => expect(said(ada)).toEqual(answer))
  for (const client of [ada, ben]) {
    await eventually(() => expect(client.getInterrupts()).toEqual([]))
    await eventually(() => expect(client.getIsLoading()).toBe(false))
    await eventually(() => expect(client.getSessionGenerating()).toBe(false))
  }
  expect(ordered).toEqual(['soup'])
})

test('[A47] [complaint 6] a pending approval is there after a reload and on another device, and answers what it was asked', async () => {
  const { handle, ordered } = cook(soup)
  const { url } = await openWith(handle)
  const tools = [order.client()]
  const before = clientOf(await open(url, 'ada'), { tools })
  await before.sendMessage('Soup, please')
  before.dispose()
  const after = clientOf(await open(url, 'ada'), { tools, live: false })
  await eventually(() =>
    expect(after.getInterrupts()).toMatchObject([{ kind: 'tool-approval', canResolve: true }]),
  )
  expect(said(after)).toEqual(['user: Soup, please', 'assistant: They want soup|I ask.|tool-call'])
  after.resolveInterrupts(true)
  await eventually(() => expect(said(after).at(-1)).toBe('assistant: It was ordered.'))
  expect(ordered).toEqual(['soup'])
  await eventually(() => expect(after.getIsLoading()).toBe(false))
  expect(after.getInterrupts()).toEqual([])
})

test('[A47] a denied tool is not run, and of two who decide the second is told', async () => {
  const { handle, ordered } = cook([[{ tool: 'order', input: { dish: 'soup' } }], ['Nothing was ordered.']])
  const { url, host } = await openWith(handle)
  const tools = [order.client()]
  const ada = clientOf(await open(url, 'ada'), { tools })
  const ben = clientOf(await open(url, 'ben'), { tools })
  await ada.sendMessage('Soup, please')
  await eventually(() => expect(ben.getInterrupts()).toHaveLength(1))
  const [approval] = [...host.collections.approvals.values()]
  await Promise.all([host.deny(approval?.id ?? ''), Promise.resolve(ben.resolveInterrupts(true))])
  await eventually(() => expect(said(ada).at(-1)).toBe('assistant: Nothing was ordered.'))
  await eventually(() => expect(ben.getError()).toMatchObject({ code: 'already-decided' }))
  await eventually(() => expect(ben.getInterrupts()).toEqual([]))
  expect(ordered).toEqual([])
})

test('[A47] a tool of the device is run by the client that asked, and its result goes to the model', async () => {
  const { handle, model } = cook([[{ tool: 'weather', input: {} }], ['Then take a hat.']])
  const { url } = await openWith(handle)
  const asked: string[] = []
  const tool = weather.client(() => {
    asked.push('weather')
    return { sky: 'blue' }
  })
  const ada = clientOf(await open(url, 'ada'), { tools: [tool] })
  await ada.sendMessage('A hat?')
  await eventually(() => expect(said(ada).at(-1)).toMatch(/Then take a hat.$/))
  expect(asked).toEqual(['weather'])
  expect(JSON.stringify(model.calls.at(-1))).toContain('blue')
})

test('[A47] questions of an agent without the toolkit are answered by its clients too', async () => {
  const { url } = await openWith(async (run) => {
    const name = await run.ask({ question: 'Your name?', kind: 'input' })
    await run.tool({ name: 'greet', input: name.value, approval: true, run: (to) => `Hello ${String(to)}` })
    await run.text('Done.')
  })
  const ada = clientOf(await open(url, 'ada'))
  const ben = clientOf(await open(url, 'ben'))
  await ada.sendMessage('Hi')
  const [question] = ada.getInterrupts()
  expect(question).toMatchObject({ kind: 'generic', message: 'Your name?', canResolve: true })
  if (question?.kind === 'generic') question.resolveInterrupt('Ada')
  const approval = await eventually(() => {
    const [first] = ben.getInterrupts()
    expect(first).toMatchObject({ kind: 'generic', message: 'Run greet?' })
    return first
  })
  if (approval?.kind === 'generic') approval.resolveInterrupt({ approved: true })
  await eventually(() => expect(said(ben).at(-1)).toBe('assistant: tool-call|tool-result|Done.'))
  await eventually(() => expect(said(ada)).toEqual(said(ben)))
  await eventually(() => expect(ada.getInterrupts()).toEqual([]))
})

test('[A48] models of the toolkit are told of tool calls, reasoning and files', async () => {
  const { handle, model } = cook((input) =>
    input.turn === 0 ? [{ reasoning: 'hm' }, 'I look.', { tool: 'look', input: { at: 1 } }] : ['Seen.'],
  )
  const look = toolDefinition({
    name: 'look',
    description: 'Looks',
    inputSchema: z.object({ at: z.number() }),
  }).server(() => 'a cat')
  const { url } = await openWith((run) =>
    answerWithChat(run, (turn) => chat({ adapter: model.textAdapter(), tools: [look], ...turn })),
  )
  const ada = clientOf(await open(url, 'ada'))
  await ada.sendMessage({
    content: [
      { type: 'text', content: 'What is it?' },
      { type: 'image', source: { type: 'url', value: 'https://example.com/cat.png', mimeType: 'image/png' } },
    ],
  })
  const told: unknown[] = []
  const session = await open(url, 'ben')
  const adapter = scriptedModel(['ok']).textAdapter()
  const spy: typeof adapter = {
    ...adapter,
    chatStream: (options) => (told.push(...options.messages), adapter.chatStream(options)),
  }
  for await (const _chunk of chat({ adapter: spy, messages: toModelMessages(session) })) void _chunk
  expect(handle).toBeDefined()
  expect(told).toMatchObject([
    {
      role: 'user',
      content: [
        { type: 'text', content: 'What is it?' },
        {
          type: 'image',
          source: { type: 'url', value: 'https://example.com/cat.png', mimeType: 'image/png' },
        },
      ],
    },
    {
      role: 'assistant',
      content: 'I look.',
      thinking: [{ content: 'hm' }],
      toolCalls: [{ function: { name: 'look', arguments: '{"at":1}' } }],
    },
    { role: 'tool', content: 'a cat' },
    { role: 'assistant', content: 'Seen.' },
  ])
})

test('[A48] what the client says beside a message reaches the agent', async () => {
  const inputs: unknown[] = []
  const { url } = await openWith((run) => {
    inputs.push(runInput(run))
    return run.text('ok')
  })
  const ada = clientOf(await open(url, 'ada'), { tools: [order.client()] })
  await ada.sendMessage('Hi', { temperature: 0.5 })
  expect(inputs).toMatchObject([
    { threadId: 't', forwardedProps: { temperature: 0.5 }, clientTools: [{ name: 'order' }] },
  ])
})

test('[A47] a pause of a run that the client has joined in mid answer can be answered', async () => {
  for (const live of [true, false]) {
    const rest = gate()
    const { handle, ordered } = cook([
      ['I think.', { wait: rest }, { tool: 'order', input: { dish: 'soup' } }],
      ['It was ordered.'],
    ])
    const { url } = await openWith(handle)
    await (await open(url, 'ada')).send('Soup, please')
    await rest.reached
    const ada = clientOf(await open(url, 'ada'), { tools: [order.client()], live })
    await eventually(() => expect(said(ada).at(-1)).toBe('assistant: I think.'))
    rest.open()
    await eventually(() => expect(ada.getInterrupts()).toMatchObject([{ canResolve: true }]))
    await eventually(() => expect(ada.getIsLoading()).toBe(false))
    ada.resolveInterrupts(true)
    await eventually(() => expect(said(ada).at(-1)).toBe('assistant: It was ordered.'))
    await eventually(() => expect(ada.getIsLoading()).toBe(false))
    expect(ordered).toEqual(['soup'])
  }
})

test('[A47] a tool of the device is run by the devices of who asked, and counts once', async () => {
  const { handle } = cook([[{ tool: 'weather', input: {} }], ['Then take a hat.']])
  const { url, host } = await openWith(handle)
  const asked: string[] = []
  const clients = await Promise.all(
    ['ada', 'ada', 'ben'].map(async (who) => {
      const tool = weather.client(() => (asked.push(who), { sky: 'blue' }))
      return clientOf(await open(url, who), { tools: [tool] })
    }),
  )
  const [ada, other, ben] = clients
  await ada?.sendMessage('A hat?')
  for (const client of clients)
    await eventually(() => expect(said(client).at(-1)).toMatch(/Then take a hat.$/))
  for (const client of clients) await eventually(() => expect(client.getIsLoading()).toBe(false))
  expect(asked).toContain('ada')
  expect(asked).not.toContain('ben')
  expect(host.collections.decisions.size).toBe(1)
  for (const client of [ada, other, ben]) expect(client?.getError()).toBeUndefined()
})

test('[A53] where the process of an agent ends while it waits, another one goes on with the answer, and asks no model again', async () => {
  const { handle, model, ordered } = cook(soup)
  const { url, agent } = await openWith(handle)
  const ada = clientOf(await open(url, 'ada'), { tools: [order.client()] })
  await ada.sendMessage('Soup, please')
  expect(ada.getInterrupts()).toHaveLength(1)
  await agent.stop()
  const next = cook(soup, ordered)
  const other = await open(url, 'other', { presence: { leaseTtl: 1_000 } })
  await other.agent({ name: 'bot', handle: next.handle }).ready
  await eventually(() =>
    expect([...other.collections.runs.values()]).toMatchObject([{ status: 'waiting', attempt: 2 }]),
  )
  await eventually(() => expect(ada.getInterrupts()).toMatchObject([{ canResolve: true }]))
  ada.resolveInterrupts(true)
  await eventually(() => expect(said(ada).at(-1)).toBe('assistant: It was ordered.'))
  expect(ordered).toEqual(['soup'])
  expect(model.calls).toHaveLength(1)
  expect(next.model.calls).toHaveLength(1)
  expect(said(ada)).toHaveLength(3)
})

test('[A54] a large file that a client sends is no part of the log, and a model gets its bytes', async () => {
  const told: unknown[] = []
  const adapter = scriptedModel(['A cat.']).textAdapter()
  const { url, host } = await openWith((run) =>
    answerWithChat(run, (turn) => {
      told.push(...turn.messages)
      return chat({ adapter, ...turn })
    }),
  )
  const ada = clientOf(await open(url, 'ada'))
  const ben = clientOf(await open(url, 'ben'))
  const value = btoa('cat '.repeat(10_000))
  const image = { type: 'image', source: { type: 'data', value, mimeType: 'image/png' } } as const
  await ada.sendMessage({ content: [{ type: 'text', content: 'What is it?' }, image] })
  await eventually(() => expect(said(ada)).toEqual(['user: What is it?|image', 'assistant: A cat.']))
  await eventually(() => expect(said(ben)).toEqual(said(ada)))
  const [upload] = [...host.collections.attachments.values()]
  expect(upload).toMatchObject({ state: 'ready', mediaType: 'image/png', size: 40_000 })
  expect(ben.getMessages()[0]?.parts[1]).toMatchObject({
    type: 'image',
    source: { type: 'url', value: host.attachments.url(upload?.id ?? '') },
  })
  expect((await (await fetch(`${url}?offset=-1`)).text()).length).toBeLessThan(10_000)
  expect(told).toMatchObject([{ content: [{ type: 'text' }, image] }])
})
