// @vitest-environment jsdom
import type { DehydratedStream } from '@streamdb/db'
import { gate } from '@streamdb/testkit'
import { act, render } from '@testing-library/react'
import { StrictMode } from 'react'
import type { ReactElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { openSession } from '../../src/index.ts'
import {
  SessionProvider,
  useApprovals,
  useBranches,
  useComposer,
  useDirectory,
  useMessages,
  useMessageText,
  usePresence,
  useRun,
  useSession,
} from '../../src/react/index.ts'
import { eventually, items, startAgent, withBob, withPages } from './support.tsx'

withPages()

const fetched: string[] = []
const spy: typeof fetch = (input, init) => {
  fetched.push(String(input))
  return fetch(input, init)
}

function Page({ url, stream }: { readonly url: string; readonly stream?: DehydratedStream }): ReactElement {
  return (
    <SessionProvider
      url={url}
      me={{ id: 'ada' }}
      streamOptions={{ fetch: spy }}
      {...(stream && { db: { hydrate: stream } })}
    >
      <Thread />
    </SessionProvider>
  )
}

function Thread(): ReactElement {
  const [run] = useSession().collections.runs.values()
  const { status } = useRun(run)
  const { text, isBusy } = useComposer({ draftStorage: 'local' })
  const { sessions } = useDirectory({ url: `${useSession().url}/directory`, me: { id: 'ada' } })
  const { present } = usePresence()
  const { branch } = useBranches()
  return (
    <ul>
      <li>{[status, text, isBusy, sessions.length, present.length, branch, useApprovals().length].join()}</li>
      {useMessages().map(({ message, parts: [part] }) => (
        <Text key={message.id} part={part?.id ?? ''} />
      ))}
    </ul>
  )
}

function Text({ part }: { readonly part: string }): ReactElement {
  return <li>{useMessageText(part, { smooth: true })}</li>
}

/** Renders as a server does: where there is no window. */
function renderOnServer(page: ReactElement): string {
  vi.stubGlobal('window', undefined)
  try {
    return renderToString(page)
  } finally {
    vi.unstubAllGlobals()
  }
}

function itemsOf(html: string): (string | null)[] {
  const page = new DOMParser().parseFromString(html, 'text/html')
  return Array.from(page.querySelectorAll('li'), (item) => item.textContent)
}

test('[A29] on a server the hooks render and send nothing; what was read before is in the page, and stays while it is hydrated', async () => {
  const { url, bob } = await withBob()
  const end = gate()
  // No order but that of the log.
  for (const [index, text] of ['one', 'two', 'three'].entries()) await bob.send(text, { id: `${9 - index}` })
  expect(itemsOf(renderOnServer(<Page url={url} />))).toEqual([',,false,0,0,main,0'])

  // An answer that streams, too.
  const host = await startAgent(url, async (run) => {
    await run.text(
      (async function* tokens() {
        yield 'so '
        yield 'far'
        await end.opened
        yield ', so good'
      })(),
    )
  })
  await eventually(() => {
    const part = [...host.collections.parts.values()].find(({ state }) => state === 'streaming')
    expect(host.text(part?.id ?? '').get()).toBe('so far')
  })
  const reader = openSession({ url, me: { id: 'server' }, presence: false, db: { live: false } })
  await reader.preload()
  // As it goes over the wire.
  const stream = JSON.parse(JSON.stringify(reader.dehydrate())) as DehydratedStream
  reader.close()
  const html = renderOnServer(<Page url={url} stream={stream} />)
  expect(itemsOf(html)).toEqual(['running,,true,0,0,main,0', 'one', 'two', 'three', 'so far'])
  expect(fetched).toEqual([])

  localStorage.setItem(`streamdb-draft:${url}:ada`, '{"text":"Half"}')
  const complaints: unknown[] = []
  const container = document.createElement('div')
  container.innerHTML = html
  document.body.append(container)
  await act(async () => {
    render(
      <StrictMode>
        <Page url={url} stream={stream} />
      </StrictMode>,
      { container, hydrate: true, onRecoverableError: (error) => void complaints.push(error) },
    )
  })
  end.open()
  await bob.send('four')
  const texts = ['one', 'two', 'three', 'so far, so good', 'four', 'so far, so good']
  await eventually(() => expect(items().slice(1)).toEqual(texts))
  await eventually(() => expect(items()[0]).toBe('done,Half,false,0,3,main,0'))
  expect(complaints).toEqual([])
})
