import type { ChangeEvent } from '@streamdb/state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DeltaWriter } from '../src/delta-writer.ts'
import type { Part } from '../src/index.ts'
import type { Redact } from '../src/redaction.ts'

const part: Part = { id: 'p', message: 'm', index: 0, kind: 'text', state: 'streaming' }

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A sink whose appends wait to be answered. */
function createSink() {
  const appended: (readonly ChangeEvent[])[] = []
  const waiting: { resolve: () => void; reject: (error: unknown) => void }[] = []
  const answer = async (error?: Error): Promise<void> => {
    const next = waiting.shift()
    if (error) next?.reject(error)
    else next?.resolve()
    await vi.advanceTimersByTimeAsync(0)
  }
  const append = (events: readonly ChangeEvent[]): Promise<void> => {
    appended.push(events)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }
  const texts = (): unknown[] => appended.flat().map(({ key, value }) => [key, (value as Part).text])
  return { append, answer, texts, appended }
}

test('[A2] tokens are gathered by time, and while an append is under way; nobody waits for it', async () => {
  const sink = createSink()
  const writer = new DeltaWriter({ part, sink })
  writer.write('a')
  writer.write('b')
  expect(sink.appended).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(20)
  expect(sink.texts()).toEqual([['p:0', 'ab']])
  for (const token of 'cdefgh') {
    writer.write(token)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(sink.appended).toHaveLength(1)
  await sink.answer()
  await vi.advanceTimersByTimeAsync(60)
  expect(sink.texts()).toEqual([
    ['p:0', 'ab'],
    ['p:1', 'cdefgh'],
  ])
})

test('[A2] no delta ends in half a character', async () => {
  const sink = createSink()
  const writer = new DeltaWriter({ part, sink })
  for (const half of ['a\ud83d', '\ude00b', '\ud83d']) {
    writer.write(half)
    await vi.advanceTimersByTimeAsync(60)
    await sink.answer()
  }
  void writer.end()
  expect(sink.texts()).toEqual([
    ['p:0', 'a'],
    ['p:1', '\u{1f600}b'],
    ['p', 'a\u{1f600}b\ud83d'],
  ])
})

test('[F-session-11] the tail of a fast answer is in the settled row, whatever was not sent as deltas', async () => {
  const sink = createSink()
  const writer = new DeltaWriter({ part, sink })
  writer.write('fast')
  await vi.advanceTimersByTimeAsync(20)
  writer.write(' answer')
  const ended = writer.end()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sink.texts()).toEqual([
    ['p:0', 'fast'],
    ['p', 'fast answer'],
  ])
  await sink.answer()
  await sink.answer()
  await expect(ended).resolves.toMatchObject({ state: 'done', text: 'fast answer' })
  expect(() => writer.write('!')).toThrow(expect.objectContaining({ code: 'part-ended' }))
})

test('[A2] a failed append is thrown to the one who goes on writing', async () => {
  const sink = createSink()
  const writer = new DeltaWriter({ part, sink })
  writer.write('a')
  await vi.advanceTimersByTimeAsync(20)
  await sink.answer(new Error('lost'))
  expect(() => writer.write('b')).toThrow('lost')
})

test('[A10] a secret that is split between tokens leaves the process neither in a delta nor in the row', async () => {
  const sink = createSink()
  const redact: Redact = ({ value }) => ({
    ...value,
    text: (value as Part).text?.replaceAll(/sk-\w+/g, '[key]'),
  })
  const writer = new DeltaWriter({ part, sink, redact })
  for (const token of ['Use ', 's', 'k-se', 'cret1', ' now', ' '.repeat(100), 'sk-', 'again']) {
    writer.write(token)
    await vi.advanceTimersByTimeAsync(60)
    await sink.answer()
  }
  void writer.end()
  expect(JSON.stringify(sink.appended)).not.toMatch(/secret|again|sk-/)
  expect(sink.texts().at(-1)).toEqual(['p', `Use [key] now${' '.repeat(100)}[key]`])
})
