import { fold } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'
import { cuts, redeliveries, startFaultProxy } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openSession, sessionState } from '../src/index.ts'
import type { Part } from '../src/index.ts'
import { PartTexts } from '../src/part-texts.ts'
import { newSessionUrl, sessionServer } from './support/sessions.ts'

const { parts, deltas } = sessionState

interface Answer {
  readonly id: string
  readonly pieces: readonly string[]
  readonly ends: 'streams' | 'settled' | 'swept'
}

const answers = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('p1', 'p2', 'p:3'),
    pieces: fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 12 }),
    ends: fc.constantFrom('streams' as const, 'settled' as const, 'swept' as const),
  }),
  { selector: ({ id }) => id },
)

function partOf({ id }: Pick<Answer, 'id'>): Part {
  return { id, message: 'm', index: 0, kind: 'text', state: 'streaming' }
}

/** What a writer appends for one answer. */
function eventsOf(answer: Answer): ChangeEvent[] {
  const { id, pieces, ends } = answer
  const part = partOf(answer)
  const streamed = pieces.map((text, index) => deltas.insert({ key: `${id}:${index}`, value: { text } }))
  const settled = parts.update({ value: { ...part, state: 'done', text: pieces.join('') } })
  const sweep = pieces.map((_, index) => deltas.delete({ key: `${id}:${index}` }))
  return [
    parts.insert({ value: part }),
    ...streamed,
    ...(ends === 'streams' ? [] : [settled]),
    ...(ends === 'swept' ? sweep : []),
  ]
}

/** Draws a log in which the answers are interleaved, each in its own order. */
function logsOf(drawn: readonly Answer[]): fc.Arbitrary<ChangeEvent[]> {
  const all = drawn.map(eventsOf)
  const turns = all.flatMap((events, index) => events.map(() => index))
  return fc.shuffledSubarray(turns, { minLength: turns.length }).map((order) => {
    const next = all.map(() => 0)
    return order.map((index) => (all[index] as ChangeEvent[])[(next[index] as number)++] as ChangeEvent)
  })
}

/** A fold over rows in a Map, as the collection holds them. */
function createTexts() {
  const rows = new Map<string, Part>()
  const texts = new PartTexts({
    // Only what the fold asks of a database.
    collections: { parts: { get: (id: string) => rows.get(id) } },
    observe: () => () => undefined,
  } as unknown as ConstructorParameters<typeof PartTexts>[0])
  const apply = (events: readonly ChangeEvent[]): void => {
    const changes = fold(events)
    for (const [id, row] of changes.rows.get('part') ?? []) rows.set(id, row as Part)
    texts.apply({ rows: changes.rows, replaces: changes.replaces })
  }
  return { texts, apply }
}

test('[A4] any cut of a log of deltas into batches ends at the same texts', () => {
  const cases = answers.chain((drawn) =>
    logsOf(drawn)
      .chain((log) => cuts(log))
      .chain((batches) => fc.tuple(fc.constant(drawn), fc.constant(batches), redeliveries(batches))),
  )
  fc.assert(
    fc.property(cases, ([drawn, batches, delivered]) => {
      const once = createTexts()
      for (const batch of batches) once.apply(batch)
      const again = createTexts()
      // A reader skips what it has; the fold itself ignores deltas that come twice.
      for (const { items } of delivered) again.apply(items)
      for (const { id, pieces } of drawn) {
        expect(once.texts.get(id)).toBe(pieces.join(''))
        expect(again.texts.get(id)).toBe(pieces.join(''))
      }
    }),
    { numRuns: 300 },
  )
})

test('[A4] only the part that a delta belongs to is told of it, and a settled one is not told of a late delta', () => {
  const { texts, apply } = createTexts()
  const told: string[] = []
  for (const id of ['p1', 'p2']) texts.of(id).subscribe(() => told.push(id))
  expect(texts.of('p1')).toBe(texts.of('p1'))
  apply([parts.insert({ value: partOf({ id: 'p1' }) }), parts.insert({ value: partOf({ id: 'p2' }) })])
  apply([deltas.insert({ key: 'p1:0', value: { text: 'a' } })])
  apply([deltas.insert({ key: 'p1:1', value: { text: 'b' } })])
  expect(told).toEqual(['p1', 'p1'])
  expect(texts.of('p1').get()).toBe('ab')
  apply([parts.update({ value: { ...partOf({ id: 'p1' }), state: 'done', text: 'abc' } })])
  expect(texts.of('p1').get()).toBe('abc')
  apply([deltas.insert({ key: 'p1:2', value: { text: 'c' } })])
  expect(texts.of('p1').get()).toBe('abc')
  expect(told).toEqual(['p1', 'p1', 'p1'])
})

test('[A4] a response that is cut at any byte of a batch of deltas loses nothing and doubles nothing', async () => {
  const url = await newSessionUrl()
  const { url: origin, appendItems, createStream } = await sessionServer()
  await createStream(new URL(url).pathname)
  const pieces = ['Grün', '😀 ', '"end"']
  await appendItems(url, eventsOf({ id: 'p1', pieces, ends: 'streams' }))
  const body = await (await fetch(`${url}?offset=-1`)).arrayBuffer()
  const proxy = await startFaultProxy(origin)
  onTestFinished(() => proxy.close())
  const readCutAfter = async (after: number): Promise<void> => {
    proxy.fault(
      { kind: 'cut', after },
      { match: ({ url: { searchParams } }) => searchParams.get('cut') === `${after}` },
    )
    const session = openSession({
      ...{ url: proxy.through(url), me: { id: 'ada' }, presence: false },
      streamOptions: { params: { cut: `${after}` } },
      db: { live: false, retry: { initialDelay: 1, maxDelay: 1 } },
    })
    await session.preload()
    expect(session.text('p1').get()).toBe(pieces.join(''))
    session.close()
  }
  // Twenty at a time: each is a reader of its own.
  for (let from = 0; from <= body.byteLength; from += 20) {
    const cutsAt = Array.from(
      { length: Math.min(20, body.byteLength + 1 - from) },
      (_, index) => from + index,
    )
    await Promise.all(cutsAt.map(readCutAfter))
  }
}, 60_000)
