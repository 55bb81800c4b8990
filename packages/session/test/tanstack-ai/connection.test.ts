import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { writeChunks } from '../../src/tanstack-ai/index.ts'
import { open } from '../support/sessions.ts'
import { clientOf, openWith, said } from './support.ts'

function* answer(text: string, messageId = 'm1', runId = 'r1') {
  yield { type: 'RUN_STARTED', threadId: 't', runId }
  yield { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }
  for (const delta of text.split(/(?<= )/)) yield { type: 'TEXT_MESSAGE_CONTENT', messageId, delta }
  yield { type: 'TEXT_MESSAGE_END', messageId }
  yield { type: 'RUN_FINISHED', threadId: 't', runId, finishReason: 'stop' }
}

test('[A46] a message of a client and its answer are shown by every client', async () => {
  const { url } = await openWith((run) => writeChunks(run, answer('Hello to you', `m-${run.id}`)))
  const ada = clientOf(await open(url, 'ada'))
  const ben = clientOf(await open(url, 'ben'))
  await ada.sendMessage('Hi')
  expect(said(ada)).toEqual(['user: Hi', 'assistant: Hello to you'])
  expect(ada.getStatus()).toBe('ready')
  await eventually(() => expect(said(ben)).toEqual(['user: Hi', 'assistant: Hello to you']))
  await ben.sendMessage('And I?')
  const all = ['user: Hi', 'assistant: Hello to you', 'user: And I?', 'assistant: Hello to you']
  expect(said(ben)).toEqual(all)
  await eventually(() => expect(said(ada)).toEqual(all))
  const late = clientOf(await open(url, 'cleo'))
  await eventually(() => expect(said(late)).toEqual(all))
})

test('[A46] what an agent says without the toolkit is shown too', async () => {
  const { url } = await openWith(async (run) => {
    await run.reasoning('hm')
    await run.tool({ name: 'add', input: [1, 2], run: ([a = 0, b = 0]) => a + b })
    await run.text('It is 3')
  })
  const ada = clientOf(await open(url, 'ada'))
  await ada.sendMessage('1 + 2?')
  expect(said(ada)).toEqual(['user: 1 + 2?', 'assistant: hm|tool-call|tool-result|It is 3'])
})
