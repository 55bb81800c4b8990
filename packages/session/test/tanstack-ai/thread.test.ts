import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { sessionConnection, toModelMessages } from '../../src/tanstack-ai/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'
import { clientOf, openWith, said } from './support.ts'

test('[A52] a client loads the end of a thread first, and then what is before it', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  for (let index = 1; index <= 7; index++) await ada.send(`${index}`)
  const client = clientOf(await open(url, 'ben'), { pageSize: 3 })
  await eventually(() => expect(said(client)).toEqual(['user: 5', 'user: 6', 'user: 7']))
  expect(client.getHasOlderMessages()).toBe(true)
  await client.loadOlderMessages()
  expect(said(client)).toEqual(['user: 2', 'user: 3', 'user: 4', 'user: 5', 'user: 6', 'user: 7'])
  await ada.send('8')
  await eventually(() => expect(said(client).at(-1)).toBe('user: 8'))
  expect(said(client)).toHaveLength(7)
  await client.loadOlderMessages()
  expect(said(client)[0]).toBe('user: 1')
  expect(said(client)).toHaveLength(8)
  expect(client.getHasOlderMessages()).toBe(false)
  await client.sendMessage('9')
  await eventually(() =>
    expect(
      ada
        .view()
        .get()
        .map(({ parts }) => parts[0]?.text),
    ).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']),
  )
})

test('[A52] a page before a message that is not there is an error', async () => {
  const connection = sessionConnection(await open(await newSessionUrl(), 'ada'))
  await expect(connection.hydrate('t', { before: 'nothing' })).rejects.toMatchObject({ code: 'not-found' })
})

test('[A52] reload asks for another answer, and an edit makes a branch: the client shows it, the others keep theirs', async () => {
  let answers = 0
  const { url, host } = await openWith((run) => run.text(`Answer ${++answers}`))
  const ada = clientOf(await open(url, 'ada'))
  const ben = clientOf(await open(url, 'ben'))
  await ada.sendMessage('Hi')
  await eventually(() => expect(said(ben)).toEqual(['user: Hi', 'assistant: Answer 1']))
  await ada.reload()
  expect(said(ada)).toEqual(['user: Hi', 'assistant: Answer 2'])
  expect([...host.collections.branches.values()]).toMatchObject([{ kind: 'regenerate', by: 'ada' }])
  await ada.sendMessage('And?')
  expect(said(ada)).toEqual(['user: Hi', 'assistant: Answer 2', 'user: And?', 'assistant: Answer 3'])
  ada.setMessagesManually(ada.getMessages().slice(0, 2))
  await ada.sendMessage('Or?')
  expect(said(ada)).toEqual(['user: Hi', 'assistant: Answer 2', 'user: Or?', 'assistant: Answer 4'])
  expect([...host.collections.branches.values()].map(({ kind }) => kind).sort()).toEqual([
    'edit',
    'regenerate',
  ])
  expect(said(ben)).toEqual(['user: Hi', 'assistant: Answer 1'])
})

test('[A52] where no agent answers the client does not wait for ever, and shows an answer that comes later', async () => {
  const { url, host } = await openWith((run) => run.text('Here I am'), { triggers: ['mention'] })
  const ada = clientOf(await open(url, 'ada'), { connection: { answerTimeout: 20 } })
  await ada.sendMessage('Anybody?')
  expect(ada.getIsLoading()).toBe(false)
  await host.send('@bot say something')
  await eventually(() =>
    expect(said(ada)).toEqual(['user: Anybody?', 'user: @bot say something', 'assistant: Here I am']),
  )
})

test('[A52] a message that is dropped by the agent ends what the client waits for', async () => {
  let open1 = (): void => undefined
  const opened = new Promise<void>((resolve) => (open1 = resolve))
  const { url } = await openWith(
    async (run) => {
      await opened
      await run.text('Done')
    },
    { concurrency: 'drop' },
  )
  const ada = clientOf(await open(url, 'ada'))
  const ben = clientOf(await open(url, 'ben'))
  const first = ada.sendMessage('First')
  await eventually(() => expect(ben.getSessionGenerating()).toBe(true))
  await ben.sendMessage('Second')
  expect(ben.getIsLoading()).toBe(false)
  open1()
  await first
  await eventually(() => expect(said(ben)).toEqual(said(ada)))
})

test('[A52] a run that fails is an error of the client, and the next message is answered', async () => {
  let isBroken = true
  const { url } = await openWith(
    async (run) => {
      if (isBroken) throw new Error('No credit')
      await run.text('Hello')
    },
    { maxAttempts: 1 },
  )
  const ada = clientOf(await open(url, 'ada'))
  await ada.sendMessage('Hi')
  expect(ada.getStatus()).toBe('error')
  expect(ada.getError()?.message).toBe('No credit')
  isBroken = false
  await ada.sendMessage('Again')
  expect(ada.getStatus()).toBe('ready')
  expect(said(ada).at(-1)).toBe('assistant: Hello')
})

test('[A12] [F-session-9] what a model is told has no tool call that waits: another agent would run it, and models refuse it', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const agent = ada.agent({
    name: 'bot',
    async handle(run) {
      await run.text('Let me order')
      await run.tool({ name: 'order', input: {}, approval: true, run: () => 'ordered' })
    },
  })
  await agent.ready
  const { id } = await ada.send('Hi')
  await eventually(() => expect(ada.run(`bot.${id}`)?.status).toBe('waiting'))
  expect(toModelMessages(ada)).toMatchObject([
    { role: 'user' },
    { role: 'assistant', content: 'Let me order' },
  ])
  expect(toModelMessages(ada)[1]?.toolCalls).toBeUndefined()
  await ada.approve(`bot.${id}.ask0`)
  await eventually(() => expect(ada.run(`bot.${id}`)?.status).toBe('done'))
  expect(toModelMessages(ada).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
})
