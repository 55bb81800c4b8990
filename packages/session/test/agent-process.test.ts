import { once } from 'node:events'
import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import type { Session } from '../src/index.ts'
import { startAgentProcess } from './support/agent-process.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

const patient = { timeout: 20_000 }
const quick = { presence: { leaseTtl: 2_000 } }

function numbers(end: number): string {
  return Array.from({ length: end }, (_, index) => `${index + 1} `).join('')
}

/** Sends a message, and waits until some of its answer is read. */
async function sendAndRead(session: Session): Promise<string> {
  const { id } = await session.send('Count')
  await eventually(() => expect(lines(session).at(-1)).toMatch(/^counter: 1 2 3 /), patient)
  return `counter.${id}`
}

test('[A9] [F-session-3] a run whose process is killed is interrupted within seconds, and its text ends', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada', quick)
  const child = await startAgentProcess(url, 'one', '1000')
  const run = await sendAndRead(ada)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await eventually(
    () => expect(ada.run(run)).toMatchObject({ status: 'interrupted', code: 'holder-gone' }),
    patient,
  )
  const [part] = ada.message(run)?.parts ?? []
  expect(part).toMatchObject({ state: 'interrupted', text: ada.text(part?.id ?? '').get() })
  expect(lines(ada).at(-1)).toMatch(/^counter: 1 2 3 /)
  // A restarted process takes it over.
  await startAgentProcess(url, 'two', '20')
  await eventually(() => expect(ada.run(run)).toMatchObject({ status: 'done', attempt: 2 }), patient)
  expect(lines(ada).slice(1)).toEqual([
    `counter: ${numbers(20)}`,
    'counter:  begun by one, ended by two in attempt 2',
  ])
})

test('[A9] another process of the agent takes over when one is killed in mid answer; each message is answered once', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada', quick)
  const children = await Promise.all(['one', 'two'].map((name) => startAgentProcess(url, name, '100')))
  const run = await sendAndRead(ada)
  const holder = [...(ada.presence?.get() ?? [])].find(({ device }) =>
    ada.run(run)?.holder?.startsWith(device),
  )
  children[holder?.participant === 'one' ? 0 : 1]?.kill('SIGKILL')
  await ada.send('Count again')
  await eventually(() => {
    expect([...ada.collections.runs.values()].map(({ status }) => status)).toEqual(['done', 'done'])
  }, patient)
  expect(ada.run(run)).toMatchObject({ attempt: 2 })
  const answers = lines(ada).filter((line) => line === `counter: ${numbers(100)}`)
  expect(answers).toHaveLength(2)
  expect(lines(ada)).toHaveLength(6)
})

test('[A9] a process that is told to stop hands its run over at once', async () => {
  const url = await newSessionUrl()
  // Nobody notices a death in the time of this test.
  const ada = await open(url, 'ada', { presence: { leaseTtl: 60_000 } })
  const one = await startAgentProcess(url, 'one', '2000')
  const run = await sendAndRead(ada)
  await startAgentProcess(url, 'two', '20')
  one.kill('SIGTERM')
  await once(one, 'exit')
  await eventually(() => expect(ada.run(run)).toMatchObject({ status: 'done', attempt: 2 }), patient)
  expect(lines(ada).at(-1)).toMatch('ended by two')
})

test('[A13] an agent that was not there answers what came meanwhile, and nothing twice', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada', quick)
  const one = await startAgentProcess(url, 'one', '3')
  await ada.send('First')
  await eventually(() => expect(lines(ada)).toHaveLength(3), patient)
  await eventually(() => expect([...ada.collections.runs.values()][0]?.status).toBe('done'), patient)
  one.kill('SIGKILL')
  await once(one, 'exit')
  await ada.send('Second')
  await ada.send('Third')
  await startAgentProcess(url, 'two', '3')
  await eventually(() => {
    expect([...ada.collections.runs.values()].map(({ status }) => status)).toEqual(['done', 'done', 'done'])
  }, patient)
  expect(lines(ada).filter((line) => line.startsWith('counter: 1'))).toHaveLength(3)
})
