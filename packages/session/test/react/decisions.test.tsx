// @vitest-environment jsdom
import { gate } from '@streamdb/testkit'
import { act, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { expect, test, vi } from 'vitest'
import {
  SessionProvider,
  useApprovals,
  useComposer,
  usePresence,
  useRun,
  useSession,
} from '../../src/react/index.ts'
import { button, eventually, items, press, startAgent, withBob, withPages } from './support.tsx'

withPages()

function Runs(): ReactElement {
  // The id is known before the run is: a run's id follows from what it answers.
  const { run, status, error, steps, tools, approvals, isActive, isOver, isCancelling, cancel } =
    useRun('bot.first')
  return (
    <>
      <li>{status ?? 'none'}</li>
      <li>{[isActive && 'active', isOver && 'over', isCancelling && 'cancelling'].filter(Boolean).join()}</li>
      <li>{error && `${error.code}: ${error.reason}`}</li>
      <li>{steps.map(({ name, output }) => `${name}=${String(output)}`).join()}</li>
      <li>{tools.map(({ toolName, toolState }) => `${toolName} ${toolState}`).join()}</li>
      <li>{approvals.map(({ question }) => question).join()}</li>
      <button type="button" onClick={() => void cancel()}>
        cancel
      </button>
      <p>{run?.agent}</p>
    </>
  )
}

test('[A23] a run shows how far it is, its steps, tools and questions, and is cancelled', async () => {
  const { url, bob } = await withBob()
  const asking = gate()
  await startAgent(url, async (run) => {
    await run.step('look', () => 42)
    await run.tool({ name: 'add', input: 1, run: () => 2 })
    await asking.opened
    await run.ask('Go on?')
  })
  render(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <Runs />
    </SessionProvider>,
  )
  expect(items()).toEqual(['none', '', '', '', '', ''])
  await bob.send('Go', { id: 'first' })
  await eventually(() =>
    expect(items()).toEqual(['running', 'active', '', 'look=42', 'add output-available', '']),
  )
  asking.open()
  await eventually(() =>
    expect(items()).toEqual(['waiting', 'active', '', 'look=42', 'add output-available', 'Go on?']),
  )
  await press('cancel')
  await eventually(() =>
    expect(items()).toEqual(['cancelled', 'over', '', 'look=42', 'add output-available', '']),
  )
  // Again, when it is over, and without anybody who handles it.
  await press('cancel')
})

test('[A23] a run that fails says why', async () => {
  const { url, bob } = await withBob()
  await startAgent(
    url,
    () => {
      throw new Error('no flour')
    },
    { maxAttempts: 1 },
  )
  render(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <Runs />
    </SessionProvider>,
  )
  await bob.send('Go', { id: 'first' })
  await eventually(() =>
    expect(items().slice(0, 3)).toEqual(['failed', 'over', expect.stringContaining('no flour')]),
  )
})

function Questions(): ReactElement {
  const session = useSession()
  return (
    <>
      {useApprovals().map(({ approval, progress, approve, deny, answer, dismiss }) => (
        <li key={approval.id}>
          {approval.question} {progress.name}
          {progress.name === 'lost' && ` to ${progress.winner?.actor}, ${progress.winner?.verdict}`}
          <button type="button" onClick={() => void approve()}>
            approve
          </button>
          <button type="button" onClick={() => void deny({ reason: 'No' })}>
            deny
          </button>
          <button type="button" onClick={() => void answer('blue')}>
            answer
          </button>
          <button type="button" onClick={dismiss}>
            dismiss
          </button>
        </li>
      ))}
      <p>{session.me.id}</p>
    </>
  )
}

const questions = (): string[] =>
  items().map((item) => item?.replace('approvedenyanswerdismiss', '').trim() ?? '')

test('[A24] open questions are approved, denied and answered; they go when the agent has gone on', async () => {
  const { url, bob } = await withBob()
  const answers: unknown[] = []
  await startAgent(url, async (run) => {
    answers.push((await run.ask('Approve?')).status)
    answers.push(await run.ask('Deny?'))
    answers.push((await run.ask({ question: 'Colour?', kind: 'input' })).value)
  })
  render(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <Questions />
    </SessionProvider>,
  )
  await bob.send('Go')
  await eventually(() => expect(questions()).toEqual(['Approve? open']))
  // Twice, as people do.
  await act(async () => {
    button('approve').click()
    button('approve').click()
  })
  await eventually(() => expect(questions()).toEqual(['Deny? open']))
  await press('deny')
  await eventually(() => expect(questions()).toEqual(['Colour? open']))
  await press('answer')
  await eventually(() => expect(questions()).toEqual([]))
  // That a run goes on is in the log a moment before its agent does.
  await eventually(() =>
    expect(answers).toEqual([
      'approved',
      expect.objectContaining({ status: 'denied', reason: 'No', by: 'ada' }),
      'blue',
    ]),
  )
})

test('[A24] who comes second is told who was first, until that is dismissed', async () => {
  const { url, bob } = await withBob()
  await startAgent(url, async (run) => void (await run.ask('Sure?')))
  // What the others say arrives here, and what is said here waits meanwhile.
  const posts = gate()
  const slowly: typeof fetch = async (input, init) => {
    if (init?.method === 'POST' && !String(input).includes('presence')) await posts.opened
    return fetch(input, init)
  }
  render(
    <SessionProvider url={url} me={{ id: 'ada' }} streamOptions={{ fetch: slowly }}>
      <Questions />
    </SessionProvider>,
  )
  await bob.send('Go')
  await eventually(() => expect(questions()).toEqual(['Sure? open']))
  await press('approve')
  expect(questions()).toEqual(['Sure? deciding'])
  const [approval] = await eventually(() => {
    const all = [...bob.collections.approvals.values()]
    expect(all).toHaveLength(1)
    return all
  })
  await bob.deny(approval?.id ?? '')
  posts.open()
  await eventually(() => expect(questions()).toEqual(['Sure? lost to bob, deny']))
  await press('dismiss')
  expect(questions()).toEqual([])
})

test('[A24] a question whose run has ended is not shown', async () => {
  const { url, bob } = await withBob()
  await startAgent(url, async (run) => void (await run.ask('Sure?')))
  render(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <Questions />
    </SessionProvider>,
  )
  await bob.send('Go', { id: 'first' })
  await eventually(() => expect(questions()).toEqual(['Sure? open']))
  await eventually(() => expect(bob.run('bot.first')).toBeDefined())
  await bob.cancel('bot.first')
  await eventually(() => expect(questions()).toEqual([]))
})

test('[A25] presence shows who is there and what they say, and is not rendered for heartbeats', async () => {
  const { url, bob } = await withBob()
  let renders = 0
  function Others(): ReactElement {
    renders++
    const { present, others, update } = usePresence()
    const mine = present.find((each) => !others.includes(each))
    return (
      <>
        <p>{JSON.stringify(mine?.state)}</p>
        {others.map(({ device, participant, state }) => (
          <li key={device}>
            {participant} {JSON.stringify(state)}
          </li>
        ))}
        <button type="button" onClick={() => update({ typing: true })}>
          type
        </button>
      </>
    )
  }
  render(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <Others />
    </SessionProvider>,
  )
  await eventually(() => expect(items()).toEqual(['bob ']))
  bob.presence?.update({ at: 3 })
  await eventually(() => expect(items()).toEqual(['bob {"at":3}']))
  await press('type')
  await eventually(() =>
    expect(bob.presence?.get()).toContainEqual(
      expect.objectContaining({ participant: 'ada', isPresent: true, state: { typing: true } }),
    ),
  )
  const beats = (): (string | undefined)[] =>
    bob.presence?.get().flatMap(({ participant, lastSeen }) => (participant === 'bob' ? [lastSeen] : [])) ??
    []
  await eventually(() => expect(document.querySelector('p')?.textContent).toBe('{"typing":true}'))
  const [before, seen] = [renders, beats()]
  bob.presence?.announce()
  await eventually(() => expect(beats()).not.toEqual(seen))
  bob.close()
  await eventually(() => expect(items()).toEqual([]))
  expect(renders).toBe(before + 1)
})

test('[A25] who writes is seen to write, beside what else is said of the device, until it is sent', async () => {
  const { url, bob } = await withBob()
  function Form(): ReactElement {
    const { setText, submit } = useComposer()
    const { update } = usePresence()
    return (
      <>
        <button type="button" onClick={() => update({ at: 3 })}>
          move
        </button>
        <button type="button" onClick={() => setText('Hel')}>
          write
        </button>
        <button type="button" onClick={() => void submit()}>
          send
        </button>
      </>
    )
  }
  function Typing(): ReactElement {
    const { typing } = usePresence()
    return (
      <>
        {typing.map(({ device, participant, state }) => (
          <li key={device}>{`${participant} ${JSON.stringify(state)}`}</li>
        ))}
      </>
    )
  }
  render(
    <>
      <SessionProvider url={url} me={{ id: 'ada' }}>
        <Form />
      </SessionProvider>
      <SessionProvider session={bob}>
        <Typing />
      </SessionProvider>
    </>,
  )
  await press('move')
  await press('write')
  await eventually(() => expect(items()).toEqual(['ada {"at":3,"typing":true}']))
  await press('send')
  await eventually(() => expect(items()).toEqual([]))
  await press('write')
  await eventually(() => expect(items()).toHaveLength(1))
  await vi.advanceTimersByTimeAsync(5_000)
  await eventually(() => expect(items()).toEqual([]))
})
