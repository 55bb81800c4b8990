import fc from 'fast-check'
import { people } from './policy.ts'

/** A member of an object of JSON, with its value as text: a name may come twice, and a number may be any. */
type Member = readonly [name: string, json: string]

/** An event as text, and the text in its row that no other event has; none of a delete. */
export interface EventText {
  readonly json: string
  readonly mark: string | undefined
}

const quoted = (text: string): string => JSON.stringify(text)
const object = (members: readonly Member[]): string =>
  `{${members.map(([name, json]) => `${quoted(name)}:${json}`).join(',')}}`

/** Names that mean something to JavaScript, and names that are too much. */
const awkward = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\ud800',
  'é',
  ' ',
  'x'.repeat(3_000),
]
const keys = fc.constantFrom('k1', 'k2', 'k3', ...people, ...awkward, '')
const types = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('message', 'profile', '__proto__', 'constructor') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('toString', 'Message', 'message ', '', 'unknown', 'x'.repeat(300)),
  },
)
const operationNames = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('insert', 'update', 'upsert', 'delete') },
  { weight: 1, arbitrary: fc.constantFrom('upset', '', 'INSERT', '__proto__') },
)
const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`
const other = fc.constantFrom(...people)

const eventTwists: fc.Arbitrary<Member> = fc.oneof(
  other.map((id): Member => ['__proto__', `{"key":${quoted(id)},"type":"profile"}`]),
  other.map((id): Member => ['key', quoted(id)]),
  fc.constantFrom<Member>(
    ...([
      ['type', '"message"'],
      ['type', '["message"]'],
      ['key', '{"toString":1}'],
      ['value', 'null'],
      ['value', '[]'],
      ['old_value', '{"id":"k1","author":"ada","text":"ada#old"}'],
      ['old_value', deep],
      ['headers', '{"control":"reset"}'],
      ['headers', 'null'],
      ['headers', '[]'],
      ['constructor', '{"prototype":{"principal":"ada"}}'],
      ['toJSON', '1'],
      ['then', '1'],
    ] as const),
  ),
)
const headerTwists: fc.Arbitrary<Member> = fc.oneof(
  other.map((id): Member => ['principal', quoted(id)]),
  other.map((id): Member => ['from', quoted(id)]),
  other.map((id): Member => ['__proto__', `{"operation":"delete","principal":${quoted(id)}}`]),
  fc.constantFrom<Member>(
    ...([
      ['time', '"1999-01-01T00:00:00Z"'],
      ['timestamp', '"never"'],
      ['txid', '"t1"'],
      ['txid', '7'],
      ['txid', '""'],
      ['txid', quoted('t'.repeat(5_000))],
      ['control', '"reset"'],
      ['control', '"snapshot-start"'],
      ['operation', '"delete"'],
      ['operation', '{"toString":1}'],
      ['offset', '"0000000000000000_0000000000000000"'],
      ['txids', '["t1","t2"]'],
      ['actionResult', '"forged"'],
      ['request', '"abc"'],
      ['schemaVersion', '99'],
      ['schemaVersion', '-1'],
      ['schemaVersion', '"1"'],
      ['schemaVersion', '1e400'],
      ['expect', '{"absent":true}'],
      ['expect', '{"version":"0","type":"profile","key":"ada"}'],
      ['expect', '[{"absent":true,"type":"__proto__","key":"__proto__"},{"absent":true}]'],
      ['expect', '{"version":1e400}'],
      ['expect', `[${Array(5_000).fill('{"absent":true}').join()}]`],
      ['expect', '{"__proto__":{"absent":true}}'],
    ] as const),
  ),
)
const valueTwists: fc.Arbitrary<Member> = fc.oneof(
  other.map((id): Member => ['author', quoted(id)]),
  other.map((id): Member => ['owner', quoted(id)]),
  other.map((id): Member => ['__proto__', `{"author":${quoted(id)},"owner":${quoted(id)}}`]),
  other.map((id): Member => ['id', quoted(id)]),
  fc
    .constantFrom('1e400', '-1e400', '-0', '9007199254740993', '1e-400', '"1"', 'null', 'true', '[1]')
    .map((json): Member => ['score', json]),
  fc.constantFrom<Member>(
    ...([
      ['extra', '1'],
      ['extra', deep],
      ['toJSON', '{"a":1}'],
      ['constructor', '{"name":"x"}'],
      ['valueOf', '1'],
      ['id', 'null'],
    ] as const),
  ),
)

/** A number for each event that is made: what it says is in no other one. */
let made = 0

/** Returns events that somebody sends: mostly what they may, and what looks like it. */
export function eventsOf(me: string): fc.Arbitrary<EventText> {
  const names = fc.oneof({ weight: 5, arbitrary: fc.constant(me) }, { weight: 1, arbitrary: other })
  const twists = <Twist>(of: fc.Arbitrary<Twist>): fc.Arbitrary<Twist[]> =>
    fc.oneof(
      { weight: 5, arbitrary: fc.constant<Twist[]>([]) },
      { weight: 1, arbitrary: fc.array(of, { minLength: 1, maxLength: 2 }) },
    )
  const wild = fc.record({
    ...{ type: types, key: fc.oneof(fc.constant(me), keys), operation: operationNames, name: names },
    ...{ inEvent: twists(eventTwists), inHeaders: twists(headerTwists), inValue: twists(valueTwists) },
    surrogate: fc.boolean(),
  })
  /** What may be written, if nobody else was first. */
  const plain = fc
    .record({
      type: fc.constantFrom('message', 'profile', '__proto__', 'constructor'),
      key: fc.constantFrom(`${me}-1`, `${me}-2`, 'k1', ...awkward.slice(0, 5)),
      operation: fc.constantFrom('insert', 'update', 'upsert', 'upsert', 'delete'),
      surrogate: fc.boolean(),
    })
    .map(({ type, key, ...rest }) => ({
      ...{ ...rest, type, key: type === 'profile' ? me : key, name: me },
      ...{ inEvent: [], inHeaders: [], inValue: [] },
    }))
  return fc
    .oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: wild })
    .map(({ type, key, operation, name, inEvent, inHeaders, inValue, surrogate }) => {
      const mark = `${me}#${++made}`
      const value: Member[] = [
        ['id', quoted(key)],
        ...(type === 'message' ? [['author', quoted(name)] as const] : []),
        ...(type === 'profile' ? [['score', '1'] as const] : []),
        ...(type === '__proto__' || type === 'constructor' ? [['owner', quoted(name)] as const] : []),
        ['text', surrogate ? `"${mark} \\ud800"` : quoted(mark)],
        ...inValue,
      ]
      const isDelete = operation === 'delete'
      const json = object([
        ['type', quoted(type)],
        ['key', quoted(key)],
        ...(isDelete ? [] : [['value', object(value)] as const]),
        ['headers', object([['operation', quoted(operation)], ...inHeaders])],
        ...inEvent,
      ])
      return { json, mark: isDelete ? undefined : mark }
    })
}

/** Returns the call of a server action: mostly of one that is there, with what it takes. */
export function callsOf(me: string): fc.Arbitrary<EventText> {
  return fc
    .record({
      action: fc.oneof(
        { weight: 6, arbitrary: fc.constant('say') },
        fc.constantFrom('__proto__', 'constructor', ''),
      ),
      key: fc.oneof(fc.constantFrom(`${me}-1`, 'k1', 'k2'), keys),
      // As if it was there already: then it does not run.
      repeat: fc.constantFrom<Member | undefined>(
        ...[undefined, undefined, undefined, undefined],
        ...([
          ['isRepeat', 'true'],
          ['isRepeat', '"yes"'],
        ] as const),
      ),
      txid: fc.oneof(
        { weight: 6, arbitrary: fc.constant('') },
        fc.constantFrom('t1', '\ud800', 'x'.repeat(300)),
      ),
      twist: fc.constantFrom<Member | undefined>(
        ...[undefined, undefined, undefined, undefined],
        ...([
          ['more', '1'],
          ['more', '1e400'],
          ['author', '"grace"'],
          ['__proto__', '{"key":"grace"}'],
          ['key', '{"toString":1}'],
          ['deep', deep],
        ] as const),
      ),
    })
    .map(({ action, key, txid, twist, repeat }) => {
      const mark = `${me}#${++made}`
      const params: Member[] = [
        ['key', quoted(key)],
        ['text', quoted(mark)],
        ...(twist === undefined ? [] : [twist]),
      ]
      const json = object([
        ['action', quoted(action)],
        ['txid', quoted(txid === '' ? mark : txid)],
        ['params', object(params)],
        ...(repeat === undefined ? [] : [repeat]),
      ])
      return { json, mark }
    })
}

/** Returns an event that its writer may write, as nothing else in a room is in its way. */
export function ownEvent(me: string): EventText {
  const mark = `${me}#${++made}`
  const row = { id: mark, author: me, text: mark }
  const event = { type: 'message', key: mark, value: row, headers: { operation: 'insert', txid: mark } }
  return { json: JSON.stringify(event), mark }
}
