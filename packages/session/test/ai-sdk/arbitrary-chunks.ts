import fc from 'fast-check'
import type { Chunk } from '../../src/ai-sdk/chunk.ts'

const id = fc.constantFrom('0', '1', 'é', 'a:b')
const text = fc.string({ maxLength: 12, unit: 'grapheme' })
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)))
const providerMetadata = fc.constantFrom({ p: { s: 'x' } }, { q: { n: 1, list: ['a'] } })
const optional = <Value>(name: string, value: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
  fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given }))

/** Returns an arbitrary chunk of a kind. */
function chunk(type: string, ...fields: readonly fc.Arbitrary<object>[]): fc.Arbitrary<Chunk> {
  return fc.tuple(...fields).map((given) => Object.assign({ type }, ...(given as [object])) as Chunk)
}
const field = <Value>(name: string, value: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
  value.map((given) => ({ [name]: given }))
const metadata = optional('providerMetadata', providerMetadata)

function textUnit(kind: 'text' | 'reasoning'): fc.Arbitrary<Chunk[]> {
  return fc
    .tuple(
      fc.uuid().map((uuid) => uuid.slice(0, 6)),
      metadata,
      fc.array(fc.tuple(text, fc.oneof({ arbitrary: fc.constant({}), weight: 5 }, metadata)), {
        maxLength: 5,
      }),
      fc.option(metadata, { nil: undefined, freq: 6 }),
    )
    .map(([of, first, deltas, last]) => [
      { type: `${kind}-start`, id: of, ...first },
      ...deltas.map(([delta, more]) => ({ type: `${kind}-delta`, id: of, delta, ...more })),
      ...(last === undefined ? [] : [{ type: `${kind}-end`, id: of, ...last }]),
    ])
}

const toolFields = fc
  .tuple(
    optional('title', text),
    optional('providerExecuted', fc.boolean()),
    optional('toolMetadata', fc.constant({ a: 1 })),
  )
  .map((given): object => Object.assign({}, ...given))

const toolUnit: fc.Arbitrary<Chunk[]> = fc
  .record({
    call: fc.uuid().map((uuid) => uuid.slice(0, 6)),
    toolName: fc.constantFrom('add', 'look-up'),
    dynamic: fc.constantFrom({}, {}, { dynamic: true }),
    fields: toolFields,
    input: json,
    streams: fc.constantFrom('no', 'start', 'json', 'other'),
    end: fc.constantFrom(
      'none',
      'error',
      'input',
      'asked',
      'denied',
      'output',
      'preliminary',
      'output-error',
    ),
    output: json,
    metadata,
  })
  .map(({ call, toolName, dynamic, fields, input, streams, end, output, metadata: more }) => {
    const toolCallId = call
    const raw = streams === 'json' ? JSON.stringify(input) : '{"half": '
    const cut = Math.floor(raw.length / 2)
    const start = { type: 'tool-input-start', toolCallId, toolName, ...dynamic, ...fields, ...more }
    const deltas = [raw.slice(0, cut), raw.slice(cut)].map((inputTextDelta) => ({
      ...{ type: 'tool-input-delta', toolCallId },
      inputTextDelta,
    }))
    const chunks: Chunk[] = []
    if (streams !== 'no') chunks.push(start)
    if (streams === 'json' || streams === 'other') chunks.push(...deltas)
    if (end === 'none' && streams !== 'no') return chunks
    if (end === 'error') {
      const errorText = 'Not JSON'
      return [
        ...chunks,
        { type: 'tool-input-error', toolCallId, toolName, input, errorText, ...dynamic, ...more },
      ]
    }
    chunks.push({ type: 'tool-input-available', toolCallId, toolName, input, ...dynamic, ...fields, ...more })
    if (end === 'asked' || end === 'denied')
      chunks.push({ type: 'tool-approval-request', toolCallId, approvalId: `ask-${call}` })
    if (end === 'denied') chunks.push({ type: 'tool-output-denied', toolCallId })
    if (end === 'preliminary')
      chunks.push({ type: 'tool-output-available', toolCallId, output: 'so far', preliminary: true })
    if (end === 'preliminary' || end === 'output')
      chunks.push({ type: 'tool-output-available', toolCallId, output, ...dynamic, ...more })
    if (end === 'output-error')
      chunks.push({ type: 'tool-output-error', toolCallId, errorText: 'No', ...more })
    return chunks
  })

const url = fc.constantFrom('https://example.com/a.png', 'data:text/plain,hi')
const single = (...chunks: readonly fc.Arbitrary<Chunk>[]): fc.Arbitrary<Chunk[]> =>
  fc.oneof(...chunks).map((given) => [given])

const otherUnit = single(
  chunk('file', field('url', url), field('mediaType', text), metadata),
  chunk('source-url', field('sourceId', id), field('url', url), optional('title', text), metadata),
  chunk(
    'source-document',
    field('sourceId', id),
    field('mediaType', text),
    field('title', text),
    optional('filename', text),
    metadata,
  ),
  chunk('data-mood', field('data', json), optional('transient', fc.boolean())),
  chunk('data-place', field('data', json), field('id', fc.uuid())),
  chunk(
    'message-metadata',
    field('messageMetadata', fc.constantFrom({ a: 1 }, { b: { c: [1] } }, { b: { d: 2 } })),
  ),
)

/** Kinds of version 7, and such as no version knows. */
export const newKinds = single(
  chunk('custom', field('kind', fc.constant('acme.note')), metadata),
  chunk('reasoning-file', field('url', url), field('mediaType', text), metadata),
  chunk(
    'steering-message',
    field('id', id),
    field('parts', fc.constant([{ type: 'text', text: 'Shorter' }])),
  ),
)
const unknownKinds = single(
  chunk('telepathy', field('at', json), field('length', json), field('thought', json)),
  chunk('tool-telepathy', field('toolCallId', id)),
)

/** Merges lists at random, each in its order. */
function interleaved(units: readonly (readonly Chunk[])[]): fc.Arbitrary<Chunk[]> {
  const places = units.flatMap((unit, index) => unit.map(() => index))
  return fc.shuffledSubarray(places, { minLength: places.length }).map((order) => {
    const left = units.map((unit) => [...unit])
    return order.flatMap((index) => left[index]?.shift() ?? [])
  })
}

/** Gives the texts and the calls of a unit ids of their own. */
function renamed(unit: readonly Chunk[], index: number): Chunk[] {
  return unit.map((each) => {
    if (typeof each['toolCallId'] === 'string')
      return { ...each, toolCallId: `${each['toolCallId']}-${index}` }
    return /^(text|reasoning)-/.test(each.type) ? { ...each, id: `${String(each['id'])}-${index}` } : each
  })
}

function steps(unit: fc.Arbitrary<Chunk[]>): fc.Arbitrary<Chunk[]> {
  const units = fc.array(unit, { maxLength: 5 }).map((given) => given.map(renamed))
  const step = units.chain((given) => fc.oneof(fc.constant(given.flat()), interleaved(given)))
  return fc
    .array(step, { minLength: 1, maxLength: 3 })
    .map((given) => given.flatMap((chunks) => [{ type: 'start-step' }, ...chunks, { type: 'finish-step' }]))
}

/** A stream as the toolkit makes them. */
export function arbitraryStream(more: readonly fc.Arbitrary<Chunk[]>[] = []): fc.Arbitrary<Chunk[]> {
  const unit = fc.oneof(textUnit('text'), textUnit('reasoning'), toolUnit, otherUnit, ...more)
  const start = chunk('start', optional('messageMetadata', fc.constant({ model: 'm' })))
  const finish = chunk('finish', field('finishReason', fc.constantFrom('stop', 'length')))
  const end = fc.constantFrom<Chunk[]>(
    [],
    [],
    [{ type: 'abort', reason: 'why' }],
    [{ type: 'error', errorText: 'Down' }],
  )
  return fc
    .tuple(start, steps(unit), end, finish)
    .map(([first, chunks, last, done]) => [first, ...chunks, ...last, done])
}

/** Chunks of all kinds in any order, also such as no toolkit would write. */
export const arbitraryChaos: fc.Arbitrary<Chunk[]> = fc
  .array(
    fc.oneof(
      fc
        .oneof(textUnit('text'), toolUnit, otherUnit, newKinds, unknownKinds)
        .chain((unit) => fc.shuffledSubarray(unit)),
      single(
        chunk('text-start', field('id', id), metadata),
        chunk('text-delta', field('id', id), field('delta', text), metadata),
        chunk('text-end', field('id', id)),
        chunk('tool-input-start', field('toolCallId', id), field('toolName', text)),
        chunk('tool-input-delta', field('toolCallId', id), field('inputTextDelta', text)),
        chunk('tool-input-available', field('toolCallId', id), field('toolName', text), field('input', json)),
        chunk('tool-output-available', field('toolCallId', id), field('output', json)),
        chunk('tool-output-error', field('toolCallId', id), field('errorText', text)),
        chunk('tool-approval-response', field('approvalId', id), field('approved', fc.boolean())),
        chunk('start-step'),
        chunk('finish-step'),
        chunk('reset-step'),
        chunk('finish'),
        chunk('abort'),
        chunk('error', field('errorText', text)),
      ),
    ),
    { maxLength: 12 },
  )
  .map((units) => units.flat())

const deltas: Readonly<Record<string, 'delta' | 'inputTextDelta'>> = {
  'text-delta': 'delta',
  'reasoning-delta': 'delta',
  'tool-input-delta': 'inputTextDelta',
}

/** Returns chunks with deltas of one text that follow each other as one, and without deltas that say nothing. */
export function coalesced(chunks: readonly Chunk[]): Chunk[] {
  const result: Chunk[] = []
  for (const each of chunks) {
    const name = deltas[each.type]
    const last = result.at(-1)
    if (name === undefined) {
      result.push(each)
      continue
    }
    const key = ({ [name]: _text, ...rest }: Chunk): string => JSON.stringify(Object.entries(rest).sort())
    const isPlain = Object.keys(each).length === 3
    if (isPlain && each[name] === '') continue
    if (last !== undefined && isPlain && last.type === each.type && key(last) === key(each))
      result[result.length - 1] = { ...last, [name]: `${String(last[name])}${String(each[name])}` }
    else result.push(each)
  }
  return result
}
