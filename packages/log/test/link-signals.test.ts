import { getEventListeners } from 'node:events'
import { linkSignals, withLinkedSignal } from '@streamdb/log'
import { expect, test } from 'vitest'

const listenersOf = (source: AbortController): number => getEventListeners(source.signal, 'abort').length

test('[F-life-8] a linked signal aborts with the first of its sources, with that reason', () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const { signal } = linkSignals([undefined, first.signal, second.signal])
  expect(signal.aborted).toBe(false)
  second.abort('second')
  first.abort('first')
  expect(signal.reason).toBe('second')
  expect(linkSignals([first.signal]).signal.reason).toBe('first')
})

test('[F-life-8] a source keeps one listener for all signals that are linked to it, and none when they are unlinked', () => {
  const source = new AbortController()
  const linked = Array.from({ length: 100 }, () => linkSignals([source.signal]))
  expect(listenersOf(source)).toBe(1)
  const [first, ...others] = linked
  for (const { unlink } of others) unlink()
  expect(listenersOf(source)).toBe(1)
  first?.unlink()
  first?.unlink()
  expect(listenersOf(source)).toBe(0)
  source.abort()
  expect(linked.some(({ signal }) => signal.aborted)).toBe(false)
})

test('[F-life-8] one that is unlinked by the abort of another does not abort any more', () => {
  const source = new AbortController()
  const [first, second] = [linkSignals([source.signal]), linkSignals([source.signal])]
  first.signal.addEventListener('abort', second.unlink)
  source.abort()
  expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false])
})

test('[F-life-8] what runs with a linked signal is unlinked however it ends', async () => {
  const source = new AbortController()
  const seen: boolean[] = []
  const ended = await withLinkedSignal([source.signal], async (signal) => {
    seen.push(signal.aborted)
    expect(listenersOf(source)).toBe(1)
    return Promise.resolve('ended')
  })
  expect([ended, listenersOf(source)]).toEqual(['ended', 0])
  await expect(withLinkedSignal([source.signal], () => Promise.reject(new Error('failed')))).rejects.toThrow(
    'failed',
  )
  expect(listenersOf(source)).toBe(0)
  source.abort('over')
  const reason = await withLinkedSignal([source.signal], (signal) =>
    Promise.resolve(signal.reason as unknown),
  )
  expect(reason).toBe('over')
})

test('[F-life-8] 20,000 requests one after the other leave nothing on the signal of their database', async () => {
  const closing = new AbortController()
  for (let request = 0; request < 20_000; request++) {
    await withLinkedSignal([closing.signal, undefined], (signal) => Promise.resolve(signal))
  }
  expect(listenersOf(closing)).toBe(0)
})
