import { ChatClient } from '@tanstack/ai-client'
import { eventually } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { AgentRun } from '../../src/index.ts'
import { sessionConnection, writeChunks } from '../../src/tanstack-ai/index.ts'
import { gate } from '../../src/testing/index.ts'
import type { Gate } from '../../src/testing/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'
import { clientOf, openWith, said } from './support.ts'

type Step = string | Gate

/** A stream of the toolkit: texts, and gates that it waits for. */
async function* stream(run: AgentRun, steps: readonly Step[]) {
  const messageId = `answer-${run.id}`
  yield { type: 'RUN_STARTED', threadId: 't', runId: run.id }
  yield { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }
  for (const step of steps) {
    if (typeof step === 'string') yield { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: step }
    else await step.pass(run.signal)
  }
  yield { type: 'TEXT_MESSAGE_END', messageId }
  yield { type: 'RUN_FINISHED', threadId: 't', runId: run.id, finishReason: 'stop' }
}

function says(...steps: readonly Step[]) {
  return (run: AgentRun) => writeChunks(run, stream(run, steps))
}

async function midAnswer() {
  const rest = gate()
  const { url, host } = await openWith(says('One ', rest, 'two'))
  const ada = clientOf(await open(url, 'ada'))
  const sending = ada.sendMessage('Count')
  await eventually(() => expect(said(ada)).toEqual(['user: Count', 'assistant: One ']))
  const [run] = [...host.collections.runs.values()]
  return { url, host, ada, rest, sending, status: () => host.run(run ?? '')?.status }
}

const whole = ['user: Count', 'assistant: One two']

test('[A50] [complaint 1] stop cancels the run, also where the client has joined it after a reload, with and without a subscription', async () => {
  for (const live of [true, false]) {
    const { url, ada, status, sending } = await midAnswer()
    ada.dispose()
    await sending
    const again = clientOf(await open(url, 'ada'), { live })
    await eventually(() => expect(said(again)).toEqual(['user: Count', 'assistant: One ']))
    await eventually(() => expect(again.getIsLoading()).toBe(true))
    expect(status()).toBe('running')
    again.stop()
    await eventually(() => expect(status()).toBe('cancelled'))
    expect(again.getIsLoading()).toBe(false)
  }
})

test('[A50] stop cancels the run of the client that sent, and the others see its end', async () => {
  const { url, ada, status, sending } = await midAnswer()
  const ben = clientOf(await open(url, 'ben'))
  await eventually(() => expect(ben.getSessionGenerating()).toBe(true))
  ada.stop()
  await sending
  await eventually(() => expect(status()).toBe('cancelled'))
  await eventually(() => expect(ben.getSessionGenerating()).toBe(false))
  expect(ben.getError()).toBeUndefined()
})

test('[A50] a client that goes away cancels nothing', async () => {
  const { url, ada, rest, status, sending } = await midAnswer()
  ada.dispose()
  await sending
  const again = clientOf(await open(url, 'ada'))
  await eventually(() => expect(again.getIsLoading()).toBe(true))
  again.dispose()
  const last = clientOf(await open(url, 'ada'))
  await eventually(() => expect(last.getIsLoading()).toBe(true))
  expect(status()).toBe('running')
  rest.open()
  await eventually(() => expect(said(last)).toEqual(whole))
  await eventually(() => expect(last.getIsLoading()).toBe(false))
})

test('[A51] [complaint 2] a run that begins after a client was mounted is shown as it streams', async () => {
  const rest = gate()
  const { url } = await openWith(says('One ', rest, 'two'))
  const ben = clientOf(await open(url, 'ben'))
  const ada = await open(url, 'ada')
  await ada.send('Count')
  await eventually(() => expect(said(ben)).toEqual(['user: Count', 'assistant: One ']))
  expect(ben.getSessionGenerating()).toBe(true)
  rest.open()
  await eventually(() => expect(said(ben)).toEqual(whole))
  await eventually(() => expect(ben.getSessionGenerating()).toBe(false))
})

test('[A51] [complaints 4 and 5] clients that resume at once, and one that does again and again, show each text once', async () => {
  const { url, ada, rest } = await midAnswer()
  const session = await open(url, 'ben')
  const clients = [
    ada,
    clientOf(session),
    clientOf(session, { live: false }),
    clientOf(await open(url, 'cleo')),
  ]
  for (let index = 0; index < 5; index++) {
    for (const client of clients.slice(1)) {
      client.detach()
      client.attach()
    }
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  for (const client of clients)
    await eventually(() => expect(said(client)).toEqual(['user: Count', 'assistant: One ']))
  rest.open()
  for (const client of clients) await eventually(() => expect(said(client)).toEqual(whole))
})

test('[A51] [complaint 7] an answer that is begun anew takes the place of what was shown of it', async () => {
  const first = gate()
  const second = gate()
  const { url } = await openWith(async (run) => {
    if (run.attempt > 1) return says('Better ', second, 'now')(run)
    await says('Worse ', first)(run)
    throw new Error('The model broke')
  })
  const ada = clientOf(await open(url, 'ada'))
  const sending = ada.sendMessage('Go')
  await eventually(() => expect(said(ada)).toEqual(['user: Go', 'assistant: Worse ']))
  first.open()
  await eventually(() => expect(said(ada)).toEqual(['user: Go', 'assistant: Better ']))
  second.open()
  await sending
  expect(said(ada)).toEqual(['user: Go', 'assistant: Better now'])
})

test('[A51] [complaint 10] a reload while several runs go on shows all of them to their ends', async () => {
  for (const live of [true, false]) {
    const rest = gate()
    const { url, host } = await openWith(says('One ', rest, 'two'), { triggers: ['mention'] })
    const other = host.agent({ name: 'other', triggers: ['mention'], handle: says('Uno ', rest, 'due') })
    await other.ready
    const ben = await open(url, 'ben')
    await ben.send('@bot @other count')
    await eventually(() => expect(ben.collections.runs.size).toBe(2))
    const ada = clientOf(await open(url, 'ada'), { live })
    const shown = () => said(ada).slice(1).sort()
    await eventually(() => expect(shown()).toEqual(['assistant: One ', 'assistant: Uno ']))
    rest.open()
    await eventually(() => expect(shown()).toEqual(['assistant: One two', 'assistant: Uno due']))
    await eventually(() => expect(ada.getIsLoading()).toBe(false))
    await eventually(() => expect(ada.getSessionGenerating()).toBe(false))
  }
})

test('[A51] [complaint 11] the tail of an answer that comes at once is not lost', async () => {
  const words = Array.from({ length: 3_000 }, (_, index) => `${index} `)
  const { url } = await openWith(says(...words))
  const ada = clientOf(await open(url, 'ada'))
  await ada.sendMessage('Count')
  expect(said(ada)).toEqual(['user: Count', `assistant: ${words.join('')}`])
})

test('[A51] [complaint 12] a pause is of its session', async () => {
  const { url } = await openWith((run) => run.ask({ question: 'Sure?' }))
  const ada = clientOf(await open(url, 'ada'))
  await ada.sendMessage('Go')
  expect(ada.getInterrupts()).toHaveLength(1)
  const elsewhere = clientOf(await open(await newSessionUrl(), 'ada'))
  await elsewhere.sendMessage('Hello?')
  expect(elsewhere.getInterrupts()).toEqual([])
  expect(said(elsewhere)).toEqual(['user: Hello?'])
})

test('[A51] a message that another writes in mid answer does not disturb the answer', async () => {
  const { url, ada, rest, sending } = await midAnswer()
  const ben = await open(url, 'ben')
  await ben.send('Hurry')
  await eventually(() => expect(said(ada)).toEqual(['user: Count', 'assistant: One ', 'user: Hurry']))
  await ben.send([{ text: 'See' }, { url: 'https://example.com/a.png', mediaType: 'image/png' }])
  await eventually(() =>
    expect(said(ada)).toEqual(['user: Count', 'assistant: One ', 'user: Hurry', 'user: See|image']),
  )
  rest.open()
  await sending
  await eventually(() => expect(said(ada).slice(0, 2)).toEqual(whole))
})

test('[A51] [complaint 3] a run whose process is gone is no run that streams for ever, and goes on when another takes it over', async () => {
  const rest = gate()
  const { url, host, agent } = await openWith(says('One ', rest, 'two'))
  const ada = clientOf(await open(url, 'ada'), { connection: { takeOverTime: 20 } })
  const sending = ada.sendMessage('Count')
  await eventually(() => expect(said(ada)).toEqual(['user: Count', 'assistant: One ']))
  await agent.stop()
  await sending
  expect(ada.getError()?.message).toMatch(/./)
  expect(ada.getIsLoading()).toBe(false)
  await eventually(() => expect(ada.getSessionGenerating()).toBe(false))
  expect([...host.collections.runs.values()]).toMatchObject([{ status: 'interrupted' }])
  rest.open()
  await (await open(url, 'other')).agent({ name: 'bot', handle: says('One ', 'two') }).ready
  await eventually(() => expect(said(ada)).toEqual(whole))
  await eventually(() => expect(ada.getSessionGenerating()).toBe(false))
})

test('[A51] a client without persistence shows what there is as soon as it subscribes', async () => {
  const { url } = await openWith(says('One two'))
  const ada = clientOf(await open(url, 'ada'))
  await ada.sendMessage('Count')
  const session = await open(url, 'ben')
  const live = new ChatClient({ connection: sessionConnection(session), threadId: 't' })
  onTestFinished(() => live.dispose())
  live.subscribe()
  await eventually(() => expect(said(live)).toEqual(whole))
  const sends = new ChatClient({ connection: sessionConnection(session), threadId: 't' })
  onTestFinished(() => sends.dispose())
  await sends.sendMessage('Again')
  expect(said(sends)).toEqual([...whole, 'user: Again', 'assistant: One two'])
  await eventually(() => expect(said(live)).toEqual(said(sends)))
})

test('[A93] [complaint 9] while a question is open, what a person says is answered; the question is decided afterwards', async () => {
  const { url, host } = await openWith(async (run) => {
    if (run.triggers[0]?.parts[0]?.text !== 'Go') return run.text('Another answer')
    await run.ask({ question: 'Sure?' })
    return run.text('Done')
  })
  const session = await open(url, 'ada')
  const ada = clientOf(session)
  await ada.sendMessage('Go')
  expect(ada.getInterrupts()).toHaveLength(1)
  // The toolkit's own client refuses to send meanwhile; the session does not.
  await expect(ada.sendMessage('Something else')).rejects.toThrow(/pending interrupts/)
  await session.send('Something else')
  await eventually(() =>
    expect(said(ada).slice(-2)).toEqual(['user: Something else', 'assistant: Another answer']),
  )
  expect(ada.getInterrupts()).toHaveLength(1)
  const [asked] = host.collections.approvals.keys()
  await session.approve(String(asked))
  await eventually(() => expect(said(ada)).toContain('assistant: Done'))
  await eventually(() => expect(ada.getInterrupts()).toEqual([]))
  await ada.sendMessage('Thanks')
  // Where it was still busy, it has queued this.
  await eventually(() => expect(said(ada).slice(-2)).toEqual(['user: Thanks', 'assistant: Another answer']))
})
