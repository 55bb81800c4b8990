import { getEventListeners } from 'node:events'
import { eventually, startScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hedge } from '../src/index.ts'
import { openSource } from './open-source.ts'

/** Questions, each to be answered by hand. */
function questions() {
  const asked: { readonly signal: AbortSignal; answer(text: string): void; fail(error: Error): void }[] = []
  const ask = (signal: AbortSignal): Promise<string> =>
    new Promise((answer, fail) => {
      asked.push({ signal, answer, fail })
      signal.addEventListener('abort', () => fail(new Error('aborted')))
    })
  return { asked, ask }
}

function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

test('[CH6] a question that is not answered is asked again meanwhile: three at most, and the first answer counts', async () => {
  fakeTime()
  const { asked, ask } = questions()
  const ending = new AbortController()
  const answer = hedge(ask, ending.signal)
  await vi.advanceTimersByTimeAsync(3_500)
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true, false, false])
  asked[3]?.answer('yes')
  expect(await answer).toBe('yes')
  // The others are given up; the one that answered ends with the caller's signal alone.
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false])
  ending.abort()
  expect(asked[3]?.signal.aborted).toBe(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(4)
})

test('[CH6] what is asked for long listens to its caller no more often than it is under way', async () => {
  fakeTime()
  const ending = new AbortController()
  const answer = hedge(() => new Promise<string>(() => undefined), ending.signal)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(getEventListeners(ending.signal, 'abort').length).toBeLessThanOrEqual(4)
  ending.abort(new Error('over'))
  await expect(answer).rejects.toThrow('over')
  expect(getEventListeners(ending.signal, 'abort')).toEqual([])
})

test('[CH6] an abort ends the asking, even where a question never settles', async () => {
  fakeTime()
  const ending = new AbortController()
  const ask = vi.fn(() => new Promise<string>(() => undefined))
  const answer = hedge(ask, ending.signal)
  await vi.advanceTimersByTimeAsync(2_000)
  ending.abort(new Error('nobody waits'))
  await expect(answer).rejects.toThrow('nobody waits')
  const count = ask.mock.calls.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ask).toHaveBeenCalledTimes(count)
})

test('[CH6] a failure is an answer, and a quick answer is the only one', async () => {
  fakeTime()
  const { asked, ask } = questions()
  const { signal } = new AbortController()
  const failing = hedge(ask, signal)
  asked[0]?.fail(new Error('refused'))
  await expect(failing).rejects.toThrow('refused')
  const quick = hedge(ask, signal)
  asked[1]?.answer('at once')
  expect(await quick).toBe('at once')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(2)
})

test('[CH6] a page that hangs in a gateway does not keep a reader that was live from going on', async () => {
  let hangs = 0
  let isBack = false
  const server = await startScriptedServer(({ live, offset }, reply) => {
    if (live !== undefined && !isBack) reply.sse().control({ nextOffset: '1' }).destroy()
    else if (live !== undefined) reply.sse().control({ nextOffset: '2' })
    else if (offset !== '1') reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
    else if (hangs++ === 0) {
      isBack = true
      reply.hang()
    } else reply.page({ items: ['b'], nextOffset: '2', upToDate: true })
  })
  onTestFinished(() => server.close())
  const { items } = openSource(`${server.url}/stream`)
  await eventually(() => expect(items).toEqual(['a', 'b']))
  expect(hangs).toBe(2)
})
