import { eventually } from '@streamdb/testkit'
import { expect, test, vi } from 'vitest'
import { gate } from '../src/testing/index.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

test('[A95] a run that is cancelled while it waits for its next attempt ends, and what it has written streams no more', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  const agent = host.agent({
    name: 'bot',
    retryDelay: 60_000,
    handle(run) {
      run.openText().write('Half an')
      throw new Error('The model broke')
    },
  })
  await agent.ready
  const ada = await open(url, 'ada')
  const { id } = await ada.send('Go')
  const [part] = await eventually(() => {
    const parts = ada.message(`bot.${id}`)?.parts ?? []
    expect(parts).toHaveLength(1)
    return parts
  })
  await ada.cancel(`bot.${id}`)
  await eventually(() => expect(ada.run(`bot.${id}`)?.status).toBe('cancelled'))
  expect(ada.message(`bot.${id}`)?.parts).toMatchObject([{ id: part?.id, state: 'failed', text: 'Half an' }])
})

test('[A15] [A95] what is asked while a run goes over to another process waits for it', async () => {
  const url = await newSessionUrl()
  const [one, two] = await Promise.all(['one', 'two'].map((id) => open(url, id)))
  if (one === undefined || two === undefined) throw new Error('two processes')
  const rest = gate()
  await one.agent({
    name: 'bot',
    handle: (run) => run.handOver(),
  }).ready
  await one.send('First')
  await eventually(() =>
    expect([...two.collections.runs.values()]).toMatchObject([{ status: 'interrupted' }]),
  )
  await two.send('Second')
  await two.agent({
    name: 'bot',
    async handle(run) {
      await rest.pass(run.signal)
      await run.text(`Answer to ${run.triggers[0]?.parts[0]?.text}`)
    },
  }).ready
  await eventually(() => expect([...two.collections.runs.values()]).toMatchObject([{ status: 'running' }]))
  await rest.reached
  expect(two.collections.runs.size).toBe(1)
  rest.open()
  await eventually(() =>
    expect([...two.collections.runs.values()].map(({ status }) => status)).toEqual(['done', 'done']),
  )
  expect(lines(two)).toEqual(['one: First', 'bot: Answer to First', 'two: Second', 'bot: Answer to Second'])
})

test('[A95] [A15] a run that waits for a decision, or completes steps, may be handed over more often than it may be tried', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const worked = vi.fn(() => 1)
  const { id } = await ada.send('Go')
  for (let process = 0; process < 3; process++) {
    const host = await open(url, `host-${process}`)
    const agent = host.agent({
      name: 'bot',
      maxAttempts: 2,
      async handle(run) {
        await run.step('work', worked)
        await run.ask('Go on?')
        await run.text('Done')
      },
    })
    await eventually(() => {
      expect(ada.run(`bot.${id}`)).toMatchObject({ status: 'waiting', epoch: process })
    })
    if (process < 2) await agent.stop()
  }
  await ada.approve(`bot.${id}.ask0`)
  await eventually(() => expect(ada.run(`bot.${id}`)?.status).toBe('done'))
  expect(worked).toHaveBeenCalledTimes(1)
  expect(ada.collections.approvals.size).toBe(1)
})
