import { useAction, useStreamDB } from '../src/index.ts'
import type { ActionContext, Transaction } from '../src/index.ts'
import { act, render, waitFor } from '@testing-library/react'
import { startTransition, Suspense } from 'react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { message, room as state } from '@streamdb/testkit/rooms'
import type { WatchedRoom } from '@streamdb/testkit/rooms'
import { closeAll, fakeTimeouts, hello, Lines, texts } from './pages.tsx'

beforeEach(fakeTimeouts)
afterEach(closeAll)

describe('[F-real-21] options that are new in every render', () => {
  test('functions are called in their newest form: headers, callbacks and actions', async () => {
    const room = await hello()
    const tokens: (string | null)[] = []
    const streamOptions = {
      ...room.options.streamOptions,
      url: room.url,
      fetch: (...[input, init]: Parameters<typeof fetch>) => {
        tokens.push(new Headers(init?.headers).get('authorization'))
        return room.options.streamOptions?.fetch?.(input, init) ?? fetch(input, init)
      },
    }
    const heard: string[] = []
    const seen = new Set<(text: string) => Transaction>()
    function Composer({ name }: { readonly name: string }): ReactElement {
      const opened = useStreamDB({
        streamOptions: { ...streamOptions, headers: { authorization: () => name } },
        state,
        onEvent: ({ key }) => void heard.push(`${name} heard ${key}`),
        actions: ({ db: { collections } }) => ({
          say: {
            onMutate: (text: string) =>
              void collections.messages.insert({ id: text, userId: name, text: `${text} by ${name}` }),
          },
        }),
      })
      seen.add(opened.actions.say)
      return <Lines db={opened} />
    }
    const { rerender } = render(<Composer name="ada" />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    expect(new Set(tokens)).toEqual(new Set(['ada']))
    tokens.length = 0
    rerender(<Composer name="grace" />)
    // A function that stays the same, for `useAction`.
    expect(seen.size).toBe(1)
    for (const say of seen) await say('x').when('settled')
    await waitFor(() => expect(texts()).toEqual(['hello', 'x by grace']))
    expect(new Set(tokens)).toEqual(new Set(['grace']))
    expect(heard).toEqual(['ada heard m1', 'grace heard x'])
  })

  test('a render that is thrown away changes nothing', async () => {
    const room = await hello()
    const heard: string[] = []
    const never: Promise<never> = new Promise<never>(() => undefined)
    function Page({ name }: { readonly name: string }): ReactElement {
      const db = useStreamDB({ ...room.options, onEvent: () => void heard.push(name) })
      // oxlint-disable-next-line typescript/only-throw-error -- how one suspends in every React
      if (name === 'grace') throw never
      return <Lines db={db} />
    }
    const { rerender } = render(<Page name="ada" />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    startTransition(() => {
      rerender(
        <Suspense>
          <Page name="ada" />
        </Suspense>,
      )
    })
    await room.append(message('m2', 'u1', 'more'))
    await waitFor(() => expect(heard.length).toBeGreaterThan(1))
    expect(new Set(heard)).toEqual(new Set(['ada']))
  })

  test("a second component's actions are there in its first render, and those of the first stay", async () => {
    const room = await hello()
    const insert = (id: string) => ({
      actions: ({ db: { collections } }: ActionContext<typeof state>) => ({
        [id]: { onMutate: () => void collections.messages.insert({ id, userId: 'u1', text: id }) },
      }),
    })
    const calls: (() => Transaction)[] = []
    const unused = (): Transaction => expect.fail()
    function Opener({ id }: { readonly id?: string }): ReactElement {
      const db = useStreamDB({ ...room.options, ...(id !== undefined && insert(id)) })
      const actions: Readonly<Record<string, () => Transaction>> = db.actions
      const { run } = useAction(id === undefined ? unused : (actions[id] ?? expect.fail()))
      if (id !== undefined) calls.push(run)
      return <Lines db={db} />
    }
    render(
      <>
        <Opener />
        <Opener id="a" />
        <Opener id="b" />
      </>,
    )
    await waitFor(() => expect(texts()).toEqual(['hello', 'hello', 'hello']))
    act(() => calls.forEach((run) => void run()))
    await waitFor(() => expect(texts().slice(0, 3)).toEqual(['a', 'b', 'hello']))
  })

  test('an action that a later render adds is there in that render', async () => {
    const room = await hello()
    const found: string[][] = []
    function Page({ name }: { readonly name: string }): ReactElement {
      const db = useStreamDB({
        ...room.options,
        actions: () => ({ [name]: { onMutate: () => undefined } }),
      })
      useAction((db.actions as Readonly<Record<string, () => Transaction>>)[name] ?? expect.fail())
      found.push(Object.keys(db.actions))
      return <Lines db={db} />
    }
    const { rerender } = render(<Page name="one" />)
    rerender(<Page name="two" />)
    expect(found[0]).toEqual(['one'])
    expect(found.at(-1)).toEqual(['one', 'two'])
  })

  test.each<[path: string, before: Partial<RoomOptions>, now: Partial<RoomOptions>]>([
    ['history', {}, { history: true }],
    ['history.limit', { history: { limit: 1 } }, { history: { limit: 2 } }],
    ['live', { live: 'sse' }, { live: 'long-poll' }],
    ['onEvent', { onEvent: () => undefined }, {}],
    ['onInvalid', { onInvalid: 'skip' }, { onInvalid: 'fail' }],
    ['retry.maxDelay', { retry: { maxDelay: 100 } }, { retry: { maxDelay: 200 } }],
    ['streamOptions.headers.tenant', { streamOptions: headers('a') }, { streamOptions: headers('b') }],
  ])('%s cannot change: a warning names it and deps, once', async (path, before, now) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const room = await hello()
    const optionsOf = (changing: Partial<RoomOptions>) => ({
      ...room.options,
      ...changing,
      streamOptions: { ...room.options.streamOptions, ...changing.streamOptions, url: room.url },
    })
    function Opener({ changing }: { readonly changing: Partial<RoomOptions> }): ReactElement {
      return <Lines db={useStreamDB(optionsOf(changing))} />
    }
    const { rerender } = render(<Opener changing={before} />)
    rerender(<Opener changing={{ ...before }} />)
    const warnings = () => warn.mock.calls.map(String).filter((text) => text.includes('[StreamDB]'))
    expect(warnings()).toEqual([])
    rerender(<Opener changing={now} />)
    rerender(<Opener changing={{ ...now }} />)
    expect(warnings()).toEqual([expect.stringMatching(new RegExp(`The option ${path} .*deps`))])
    expect(String(warnings())).not.toMatch(/'b'|"b"/)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    warn.mockRestore()
  })

  test('two components whose options differ are warned of it; what one of them leaves out is no difference', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const room = await hello()
    function Opener({ options }: { readonly options: Partial<RoomOptions> }): ReactElement {
      return <Lines db={useStreamDB({ ...room.options, ...options })} />
    }
    render(
      <>
        <Opener options={{ live: 'sse', history: true, onEvent: () => undefined }} />
        <Opener options={{}} />
      </>,
    )
    const warnings = () => warn.mock.calls.map(String).filter((text) => text.includes('[StreamDB]'))
    expect(warnings()).toEqual([])
    render(<Opener options={{ live: 'long-poll' }} />)
    expect(warnings()).toEqual([expect.stringMatching(/The option live .*deps/)])
    warn.mockRestore()
  })
})

type RoomOptions = WatchedRoom['options']

function headers(tenant: string): RoomOptions['streamOptions'] {
  return { url: '', headers: { tenant } }
}
