// @vitest-environment jsdom
import { gate } from '@streamdb/testkit'
import { render, screen } from '@testing-library/react'
import { memo } from 'react'
import type { ReactElement } from 'react'
import { expect, test } from 'vitest'
import type { MessageView, Part } from '../../src/index.ts'
import {
  SessionProvider,
  useApprovals,
  useBranches,
  useComposer,
  useMessages,
  useMessageText,
  usePresence,
  useRun,
  useView,
} from '../../src/react/index.ts'
import { eventually, items, press, startAgent, withBob, withPages } from './support.tsx'

withPages()

/** How often each component was rendered. */
const renders = new Map<string, number>()

function count(name: string): void {
  renders.set(name, (renders.get(name) ?? 0) + 1)
}

const Text = memo(function Text({ part }: { readonly part: Part }): ReactElement {
  count(part.state === 'streaming' ? 'live' : 'settled')
  return <span>{useMessageText(part)}</span>
})

const Item = memo(function Item({ view }: { readonly view: MessageView }): ReactElement {
  count('message')
  const { alternatives } = useBranches(view.message)
  return (
    <li>
      {view.parts.map((part) => (
        <Text key={part.id} part={part} />
      ))}
      {alternatives.length > 1 && ' (edited)'}
    </li>
  )
})

function List(): ReactElement {
  count('thread')
  return (
    <ul>
      {useMessages().map((view) => (
        <Item key={view.message.id} view={view} />
      ))}
    </ul>
  )
}

/** Everything beside the thread that follows the session. */
function Aside({ run }: { readonly run: string | undefined }): ReactElement {
  count('aside')
  useRun(run)
  useApprovals()
  const { present } = usePresence()
  return <p>{`${present.length} ${useComposer().isBusy ? 'busy' : 'idle'}`}</p>
}

test('[A21] text that streams renders its own part, and nothing else; then its message once', async () => {
  const { url, bob } = await withBob()
  for (let index = 0; index < 20; index++) await bob.send(`message ${index}`)
  const pieces = 30
  const [begin, finish] = [gate(), gate()]
  const seen: string[] = []
  const host = await startAgent(url, async (run) => {
    await run.text(
      (async function* words() {
        yield 'word 0 '
        await begin.opened
        for (let index = 1; index < pieces; index++) {
          const words = `word ${index} `
          // Heartbeats, meanwhile.
          bob.presence?.announce()
          yield words
          // Each is a delta of its own: the page has shown it.
          await eventually(() => expect(items().at(-1)).toContain(words.trim()))
        }
        seen.push('all')
        await finish.opened
      })(),
    )
  })
  const { rerender } = render(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <List />
      <Aside run={undefined} />
    </SessionProvider>,
  )
  await eventually(() => expect(items()).toHaveLength(21))
  const [run] = host.collections.runs.keys()
  rerender(
    <SessionProvider url={url} me={{ id: 'ada' }}>
      <List />
      <Aside run={run} />
    </SessionProvider>,
  )
  await eventually(() => expect(items().at(-1)).toBe('word 0 '))
  await eventually(() => expect(screen.queryByText('3 busy')).not.toBeNull())
  renders.clear()
  begin.open()
  await eventually(() => expect(seen).toEqual(['all']))
  const { live = 0, ...others } = Object.fromEntries(renders)
  expect(others).toEqual({})
  expect(live).toBeGreaterThanOrEqual(pieces - 1)
  expect(live).toBeLessThanOrEqual(pieces + 1)
  renders.clear()
  finish.open()
  await eventually(() => expect(renders.get('settled')).toBe(1))
  await eventually(() => expect(screen.queryByText('3 idle')).not.toBeNull())
  expect(Object.fromEntries(renders)).toMatchObject({ message: 1, settled: 1, thread: 1 })
})

test('[A21] a view that a component opens shows its end, and older messages when asked', async () => {
  const { bob } = await withBob()
  for (const text of ['1', '2', '3', '4', '5']) await bob.send(text)
  function Window(): ReactElement {
    const view = useView({ limit: 2 })
    return (
      <>
        {view.hasOlder && (
          <button type="button" onClick={() => void view.loadOlder(2)}>
            older
          </button>
        )}
        {useMessages(view).map(({ message, parts }) => (
          <li key={message.id}>{parts[0]?.text}</li>
        ))}
      </>
    )
  }
  render(
    <SessionProvider session={bob}>
      <Window />
    </SessionProvider>,
  )
  expect(items()).toEqual(['4', '5'])
  await press('older')
  expect(items()).toEqual(['2', '3', '4', '5'])
  await press('older')
  expect(items()).toEqual(['1', '2', '3', '4', '5'])
  expect(screen.queryByRole('button')).toBeNull()
  await bob.send('6')
  await eventually(() => expect(items()).toEqual(['1', '2', '3', '4', '5', '6']))
})
