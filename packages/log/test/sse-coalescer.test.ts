import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventMerger, mergeEvents } from '../src/sse-coalescer.ts'

/** What a reader knows at a control event: all items until then, what it says, and whether data came with it. */
interface Known {
  readonly items: readonly unknown[]
  readonly control: unknown
  readonly hasData: boolean
  /** Whether its offset is later than all before it. */
  readonly leadsOn: boolean
}

function readerOf(text: string): Known[] {
  const known: Known[] = []
  const items: unknown[] = []
  let hasData = false
  let reached = '3'
  for (const event of text.split('\n\n')) {
    const lines = event.split('\n')
    const type = lines
      .find((line) => line.startsWith('event:'))
      ?.slice(6)
      .trim()
    const data = lines.flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : [])).join('\n')
    if (type === 'data') items.push(...[JSON.parse(data) as unknown].flat())
    if (type === 'control') {
      const said = JSON.parse(data) as { streamNextOffset: string }
      known.push({ items: [...items], control: said, hasData, leadsOn: said.streamNextOffset > reached })
      reached = said.streamNextOffset
    }
    if (type === 'data' || type === 'control') hasData = type === 'data'
  }
  return known
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('a\n\nb', 'event: control', 'data: [1]', '[', ']', '],['),
)
const data = fc
  .tuple(fc.array(value, { maxLength: 3 }), fc.constantFrom(undefined, 1), fc.constantFrom(' ', ''))
  .map(([items, indent, blank]) => {
    const lines = JSON.stringify(items, undefined, indent).split('\n')
    return `event:${blank}data\n${lines.map((line) => `data:${blank}${line}`).join('\n')}`
  })
const control = fc
  .tuple(fc.nat({ max: 9 }), fc.boolean(), fc.constantFrom(' ', ''))
  .map(([offset, upToDate, blank]) => {
    return `event:${blank}control\ndata:${blank}${JSON.stringify({ streamNextOffset: String(offset), upToDate })}`
  })
const other = fc.constantFrom(': a comment', 'event: other\ndata: [1]', 'id: 1', 'retry: 100')
const bodies = fc
  .array(fc.oneof({ weight: 6, arbitrary: data }, { weight: 6, arbitrary: control }, other), {
    maxLength: 12,
  })
  .map((events) => events.map((event) => `${event}\n\n`).join(''))

describe('merging server-sent events', () => {
  test('[M6] a reader of merged events has the same state at every remaining control event, and at the end', () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 5 })), (body, sizes) => {
        const before = readerOf(body)
        const after = readerOf(piecesOf(body, sizes).map(eventMerger('3')).join(''))
        expect(after.at(-1)).toEqual(before.at(-1))
        // An offset that comes without its data is not to be taken for that of the data before or after it; and what
        // is delivered again, or is older, stays as it came.
        const stays = ({ hasData, leadsOn }: Known): boolean => !hasData || !leadsOn
        expect(after.filter(stays)).toEqual(before.filter(stays))
        let next = 0
        for (const known of after) {
          while (next < before.length && JSON.stringify(before[next]) !== JSON.stringify(known)) next++
          expect(before[next++]).toEqual(known)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('[F-mat-4] consecutive data is merged; an offset without its data, and repeated data, stay separate', () => {
    const at = (offset: number): string => `event: control\ndata: {"streamNextOffset":"${offset}"}\n\n`
    const put = (item: string): string => `event: data\ndata: [${item}]\n\n`
    const merged = (text: string): string => eventMerger('-1')(text)
    expect(merged(put('1') + at(1) + put('2') + put('3') + at(3))).toBe(
      `event: data\ndata: [1,2,3]\n\n${at(3)}`,
    )
    for (const text of [
      put('1') + at(1) + at(2) + put('3') + at(3),
      put('1') + at(1) + put('1') + at(1),
      put('1') + at(2) + put('0') + at(1),
      `event: data\ndata: [1\n\n${at(1)}${put('2')}${at(2)}`,
    ]) {
      expect(merged(text)).toBe(text)
    }
    expect(merged(put('1') + at(1) + put('2') + at(2) + put('3'))).toBe(put('1,2') + at(2) + put('3'))
    const merge = eventMerger('1')
    expect(merge(put('1') + at(1) + put('2') + at(2))).toBe(put('1') + at(1) + put('2') + at(2))
    expect(merge(put('3') + at(3) + put('4') + at(4))).toBe(put('3,4') + at(4))
  })

  test('[F-net-8] a body in any pieces, with any line endings: complete events pass, incomplete ones do not', async () => {
    const pieces = fc.tuple(
      bodies,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.integer({ min: 1, max: 30 })),
    )
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async ([body, end, sizes], half) => {
        const text = body.replaceAll('\n', end) + (half ? `event: data${end}data: [1]` : '')
        const merged = await joined(mergeEvents(streamOf(text, sizes), '-1'))
        const last = (text: string): unknown => {
          const { items, control: said } = readerOf(text).at(-1) ?? { items: [], control: undefined }
          return { items, said }
        }
        expect(last(merged)).toEqual(last(body))
      }),
      { numRuns: 200 },
    )
  })

  test('a single event passes at once, and a burst waits for the rest of the turn', async () => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
    const send = (offset: number, filler = ''): void =>
      controller?.enqueue(
        new TextEncoder().encode(
          `event: data\ndata: ["${offset}${filler}"]\n\nevent: control\ndata: {"streamNextOffset":"${offset}"}\n\n`,
        ),
      )
    const events = mergeEvents(body, '0')
    const came: string[] = []
    const read = async (): Promise<void> => {
      came.push(String((await events.next()).value))
    }
    const first = read()
    send(1)
    for (let hop = 0; hop < 50; hop++) await Promise.resolve()
    expect(came).toHaveLength(1)
    await first
    const second = read()
    send(2, '.'.repeat(2000))
    send(3)
    for (let hop = 0; hop < 50; hop++) await Promise.resolve()
    expect(came).toHaveLength(1)
    send(4)
    await second
    expect(came[1]).toMatch(/^event: data\ndata: \["2\.*","3","4"\]\n\nevent: control/)
  })

  test('[F-net-2] events before the connection broke are delivered, then the error', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('event: data\ndata: [1]\n\nevent: control\ndata: {}\n\n'))
      },
      pull: (controller) => controller.error(new Error('broken')),
    })
    const events = mergeEvents(body, '-1')
    expect((await events.next()).value).toContain('[1]')
    await expect(events.next()).rejects.toThrow('broken')
  })
})

/** Cuts a text between its events: so many of them a piece, and then all that are left. */
function piecesOf(text: string, sizes: readonly number[]): string[] {
  const events = text.split('\n\n').map((event) => `${event}\n\n`)
  events.pop()
  const pieces = sizes.map((size) => events.splice(0, size).join(''))
  return [...pieces, events.join('')]
}

function streamOf(text: string, sizes: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const size = sizes[next++] ?? bytes.length
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += size)))
      else controller.close()
    },
  })
}

async function joined(texts: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const text of texts) all += text
  return all
}
