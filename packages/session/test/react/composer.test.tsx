// @vitest-environment jsdom
import { gate } from '@streamdb/testkit'
import { act, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openSession } from '../../src/index.ts'
import type { Session } from '../../src/index.ts'
import { SessionProvider, useBranches, useComposer, useMessages } from '../../src/react/index.ts'
import type { ComposerHandle, UseComposerOptions } from '../../src/react/index.ts'
import { lines } from '../support/sessions.ts'
import { eventually, items, press, startAgent, withBob, withPages } from './support.tsx'

withPages()
beforeEach(() => localStorage.clear())

/** Renders a composer in a session that it opens; `composer()` is what the last render got. */
function compose(
  url: string,
  {
    fetch,
    session,
    ...options
  }: UseComposerOptions & { readonly fetch?: typeof globalThis.fetch; readonly session?: Session } = {},
): { readonly composer: () => ComposerHandle; readonly unmount: () => void } {
  const rendered: ComposerHandle[] = []
  function Form(): ReactElement {
    const composer = useComposer(options)
    rendered.push(composer)
    return <input value={composer.text} onChange={(event) => composer.setText(event.target.value)} />
  }
  const { unmount } = render(
    session ? (
      <SessionProvider session={session}>
        <Form />
      </SessionProvider>
    ) : (
      <SessionProvider url={url} me={{ id: 'ada' }} streamOptions={fetch ? { fetch } : undefined}>
        <Form />
      </SessionProvider>
    ),
  )
  const composer = (): ComposerHandle => {
    const latest = rendered.at(-1)
    if (latest === undefined) throw new Error('not rendered')
    return latest
  }
  return { composer, unmount }
}

/** Refuses what would be appended to a session while `isRefusing`. */
function refusing(): { fetch: typeof fetch; isRefusing: boolean } {
  const refuser = {
    isRefusing: true,
    fetch: (input: string | URL | Request, init?: RequestInit) => {
      const isAppend = init?.method === 'POST' && !/presence|files/.test(String(input))
      return refuser.isRefusing && isAppend
        ? Promise.resolve(new Response('full', { status: 413 }))
        : fetch(input, init)
    },
  }
  return refuser
}

test('[A27] a draft is sent; meanwhile the next one is written', async () => {
  const { url, bob } = await withBob()
  const { composer } = compose(url)
  expect(composer()).toMatchObject({ canSubmit: false, isSending: false, isBusy: false })
  expect(await composer().submit()).toBe(false)
  act(() => composer().setText('Hello'))
  expect(composer()).toMatchObject({ text: 'Hello', canSubmit: true })
  let sent: Promise<boolean> | undefined
  act(() => void (sent = composer().submit()))
  expect(composer()).toMatchObject({ text: '', isSending: true })
  act(() => composer().setText('Next'))
  await act(async () => expect(await sent).toBe(true))
  expect(composer()).toMatchObject({ text: 'Next', isSending: false, error: undefined })
  await eventually(() => expect(lines(bob)).toEqual(['ada: Hello']))
})

test('[A27] what could not be sent is the draft again or, where another was begun, is kept beside it', async () => {
  const { url, bob } = await withBob()
  const refuser = refusing()
  const { composer } = compose(url, { fetch: refuser.fetch })
  act(() => composer().setText('First'))
  await act(async () => expect(await composer().submit()).toBe(false))
  expect(composer()).toMatchObject({ text: 'First', failed: [], isSending: false })
  expect(composer().error).toBeInstanceOf(Error)
  let sent: Promise<boolean> | undefined
  act(() => void (sent = composer().submit()))
  act(() => composer().setText('Second'))
  await act(async () => expect(await sent).toBe(false))
  expect(composer()).toMatchObject({ text: 'Second', failed: [{ text: 'First' }] })
  act(() => composer().restore(composer().failed[0]?.id ?? ''))
  expect(composer()).toMatchObject({ text: 'Second\nFirst', failed: [], error: expect.any(Error) })
  refuser.isRefusing = false
  await act(async () => expect(await composer().submit()).toBe(true))
  await eventually(() => expect(lines(bob)).toEqual(['ada: Second\nFirst']))
})

test('[A27] a draft is there after a reload, where the application wants that, and is gone when it was sent', async () => {
  const { url } = await withBob()
  const first = compose(url, { draftStorage: localStorage })
  act(() => first.composer().setText('Half a thou'))
  await act(async () => void first.composer().attach(new File(['file'], 'a.txt', { type: 'text/plain' })))
  await eventually(() => expect(first.composer().attachments[0]?.upload.name).toBe('ready'))
  first.unmount()
  const second = compose(url, { draftStorage: localStorage })
  expect(second.composer()).toMatchObject({ text: 'Half a thou', attachments: [{ name: 'a.txt' }] })
  await act(async () => expect(await second.composer().submit()).toBe(true))
  expect(localStorage).toHaveLength(0)
  second.unmount()
  localStorage.setItem('draft', '{broken')
  expect(compose(url, { draftStorage: localStorage, draftKey: 'draft' }).composer().text).toBe('')
})

test('[A27] files are uploaded as they are added; a message waits for them', async () => {
  const { url, bob } = await withBob()
  const upload = gate()
  const slowly: typeof fetch = async (input, init) => {
    if (init?.method === 'POST' && String(input).includes('/files/')) await upload.opened
    return fetch(input, init)
  }
  const { composer } = compose(url, { fetch: slowly })
  act(() => void composer().attach(new Blob(['removed']), 'removed'))
  act(() => void composer().attach(new Blob(['12345'], { type: 'text/plain' }), 'kept.txt'))
  act(() => composer().removeAttachment(composer().attachments[0]?.id ?? ''))
  expect(composer().attachments).toMatchObject([{ name: 'kept.txt', size: 5, upload: { name: 'uploading' } }])
  let sent: Promise<boolean> | undefined
  act(() => void (sent = composer().submit()))
  expect(composer()).toMatchObject({ attachments: [], isSending: true })
  upload.open()
  await act(async () => expect(await sent).toBe(true))
  await eventually(() => expect(bob.collections.parts.size).toBe(1))
  const [part] = bob.collections.parts.values()
  expect(part).toMatchObject({ kind: 'file', name: 'kept.txt', mediaType: 'text/plain', size: 5 })
  expect(new TextDecoder().decode(await bob.attachments.read(part?.attachment ?? ''))).toBe('12345')
  // Of the file that was taken out again nothing is left.
  await eventually(() =>
    expect([...bob.collections.attachments.values()].map(({ name }) => name)).toEqual(['kept.txt']),
  )
})

test('[A27] a file that fails gives the message back, and is tried again', async () => {
  const { url } = await withBob()
  let isDown = true
  const broken: typeof fetch = (input, init) =>
    isDown && String(input).includes('/files/')
      ? Promise.resolve(new Response('down', { status: 400 }))
      : fetch(input, init)
  const { composer } = compose(url, { fetch: broken })
  act(() => composer().setText('Look'))
  act(() => void composer().attach(new Blob(['12345']), 'a'))
  await act(async () => expect(await composer().submit()).toBe(false))
  expect(composer()).toMatchObject({ text: 'Look', attachments: [{ upload: { name: 'failed' } }] })
  isDown = false
  act(() => composer().retryAttachment(composer().attachments[0]?.id ?? ''))
  await act(async () => expect(await composer().submit()).toBe(true))
})

test('[A27] while an agent is busy a message is queued, steers, or stops it; late ones are messages', async () => {
  const { url, bob } = await withBob()
  const steered = gate()
  const seen: unknown[] = []
  await startAgent(url, async (run) => {
    if (run.triggers[0]?.message.author !== 'bob') return void (await run.text('ok'))
    await Promise.race([
      steered.opened,
      new Promise((resolve) => run.signal.addEventListener('abort', resolve)),
    ])
    // What Ada's page has seen stored comes to the agent a moment later, by another replica.
    while (seen.length === 0 && !run.signal.aborted) {
      seen.push(...(await run.takeSteers()).map(({ parts }) => parts[0]?.text))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    if (run.signal.aborted) return
    await new Promise((resolve) => run.signal.addEventListener('abort', resolve))
  })
  const { composer } = compose(url, { whenBusy: 'steer' })
  await bob.send('Go')
  await eventually(() => expect(composer().isBusy).toBe(true))
  act(() => composer().setText('later'))
  await act(async () => expect(await composer().enqueue()).toBe(true))
  await eventually(() => expect(composer().queue).toMatchObject([{ mode: 'queue', author: 'ada' }]))
  act(() => composer().setText('left'))
  await act(async () => expect(await composer().submit()).toBe(true))
  steered.open()
  await eventually(() => expect(seen).toEqual(['left']))
  await act(() => composer().stop())
  await eventually(() => expect(composer()).toMatchObject({ isBusy: false, run: undefined, queue: [] }))
  await eventually(() => expect(lines(bob).at(-1)).toBe('bot: ok'))
  act(() => composer().setText('nobody is busy'))
  await act(async () => expect(await composer().steer()).toBe(true))
  await eventually(() => expect(lines(bob)).toContain('ada: nobody is busy'))
})

function Thread(): ReactElement {
  const { branch } = useBranches()
  const { text, editing, edit, cancelEdit, submit, setText } = useComposer()
  return (
    <>
      <p>{branch === 'main' ? 'main' : 'branch'}</p>
      <ul>
        {useMessages().map((view) => (
          <Message key={view.message.id} id={view.message.id} text={view.parts[0]?.text} />
        ))}
      </ul>
      <output>{`${editing === undefined ? '' : 'editing '}${text}`}</output>
      <button type="button" onClick={() => edit('two')}>
        edit
      </button>
      <button type="button" onClick={cancelEdit}>
        cancel
      </button>
      <button type="button" onClick={() => setText(`${text}!`)}>
        type
      </button>
      <button type="button" onClick={() => void submit()}>
        submit
      </button>
    </>
  )
}

function Message({ id, text }: { readonly id: string; readonly text: string | undefined }): ReactElement {
  const { alternatives, index, previous, next, edit } = useBranches(id)
  return (
    <>
      <li>{`${text}${alternatives.length > 1 ? ` ${index + 1}/${alternatives.length}` : ''}`}</li>
      <button type="button" onClick={previous}>
        {`< ${text}`}
      </button>
      <button type="button" onClick={next}>
        {`> ${text}`}
      </button>
      <button type="button" onClick={() => void edit(`${text}?`)}>
        {`edit ${text}`}
      </button>
    </>
  )
}

test('[A26] alternatives of a message are switched, those of alternatives too; what is edited is shown', async () => {
  const { bob } = await withBob()
  for (const id of ['one', 'two', 'three']) await bob.send(id, { id })
  render(
    <SessionProvider session={bob}>
      <Thread />
    </SessionProvider>,
  )
  const output = (): string | null | undefined => document.querySelector('output')?.textContent
  expect(items()).toEqual(['one', 'two', 'three'])
  await press('type')
  await press('edit')
  expect(output()).toBe('editing two')
  await press('cancel')
  expect(output()).toBe('!')
  await press('edit')
  await press('type')
  await press('submit')
  expect(items()).toEqual(['one', 'two! 2/2'])
  expect(output()).toBe('!')
  await press('submit')
  await eventually(() => expect(items()).toEqual(['one', 'two! 2/2', '!']))
  await press('< two!')
  expect(items()).toEqual(['one', 'two 1/2', 'three'])
  await press('< two')
  expect(items()).toEqual(['one', 'two 1/2', 'three'])
  await press('> two')
  await press('edit two!')
  expect(items()).toEqual(['one', 'two!? 3/3'])
  await press('< two!?')
  expect(items()).toEqual(['one', 'two! 2/3', '!'])
  await press('< two!')
  expect(items()).toEqual(['one', 'two 1/3', 'three'])
  expect(lines(bob)).toEqual(['bob: one', 'bob: two', 'bob: three'])
})

test('[A26] where another answer is refused, the branch before is shown again', async () => {
  const { url, bob } = await withBob()
  await bob.send('one', { id: 'one' })
  let isRefused = false
  const ada = openSession({
    url,
    me: { id: 'ada' },
    presence: false,
    streamOptions: {
      fetch: async (input, init) =>
        isRefused && init?.method === 'POST' ? new Response(undefined, { status: 403 }) : fetch(input, init),
    },
    db: { onError: () => undefined },
  })
  onTestFinished(() => ada.close())
  await ada.preload()
  const refused = vi.fn()
  function Regenerate(): ReactElement {
    const { branch, regenerate } = useBranches('one')
    return (
      <button type="button" onClick={() => void regenerate().catch(refused)}>
        {branch}
      </button>
    )
  }
  const shown: string[] = []
  render(
    <SessionProvider session={ada} onBranchChange={(branch) => shown.push(branch)}>
      <Regenerate />
    </SessionProvider>,
  )
  isRefused = true
  await press('main')
  await eventually(() => expect(refused).toHaveBeenCalled())
  await eventually(() => expect(shown).toEqual([expect.not.stringMatching('main'), 'main']))
  expect(document.querySelector('button')?.textContent).toBe('main')
})

test('[A26] the application may keep the branch; another answer is asked for and shown', async () => {
  const { bob } = await withBob()
  await bob.send('one', { id: 'one' })
  const asked: string[] = []
  function Regenerate(): ReactElement {
    const { branch, regenerate } = useBranches('one')
    // Nobody answers: there is no message to go back from.
    const { index, alternatives, previous } = useBranches()
    return (
      <>
        <button type="button" onClick={() => void regenerate()}>
          {branch}
        </button>
        <button type="button" onClick={previous}>
          {`${index} of ${alternatives.length}`}
        </button>
      </>
    )
  }
  const page = (branch: string): ReactElement => (
    <SessionProvider session={bob} branch={branch} onBranchChange={(next) => asked.push(next)}>
      <Regenerate />
    </SessionProvider>
  )
  const { rerender } = render(page('main'))
  await press('main')
  const [branch] = bob.collections.branches.keys()
  expect(asked).toEqual([branch])
  rerender(page(asked[0] ?? ''))
  expect(document.querySelector('button')?.textContent).toBe(branch)
  await press('1 of 2')
  expect(asked).toEqual([branch, 'main'])
})
