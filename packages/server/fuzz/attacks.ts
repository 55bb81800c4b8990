import { brotliCompressSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { actionContentType } from '@streamdb/log'
import { callsOf, eventsOf, ownEvent } from './events.ts'
import type { EventText } from './events.ts'
import { people } from './policy.ts'
import type { Bytes } from './raw-socket.ts'

/** What is sent on one connection, once its rooms are known. */
export interface Attack {
  readonly what: string
  readonly me: string
  readonly bytes: (room: string) => Bytes
  readonly hangUp: boolean
  /** The texts of its events that no other attack has. */
  readonly marks: readonly string[]
  /** `stored`: all of it is there, once; `once`: not twice, however often it is sent; `any`: as the policy has it. */
  readonly expected: 'stored' | 'once' | 'any'
}

type Header = readonly [name: string, value: string]

interface Body {
  readonly what: string
  readonly content: Uint8Array
  /** Default: JSON. */
  readonly contentType?: string
  readonly headers: readonly Header[]
  readonly marks: readonly string[]
}

const text = new TextEncoder()

function bodyOf(
  what: string,
  content: string | Uint8Array,
  events: readonly EventText[] = [],
  headers: readonly Header[] = [],
): Body {
  const marks = events.flatMap(({ mark }) => mark ?? [])
  return { what, content: typeof content === 'string' ? text.encode(content) : content, headers, marks }
}

/** What is no event, or too much of it. */
const junk: fc.Arbitrary<Body> = fc
  .constantFrom<readonly [string, string | Uint8Array, Header?]>(
    ['nothing', ''],
    ['an empty array', '[]'],
    ['null', 'null'],
    ['a number', '1e400'],
    ['an array in an array', '[[[]]]'],
    ['deep arrays', '['.repeat(30_000)],
    ['deep and closed arrays', `${'['.repeat(15_000)}${']'.repeat(15_000)}`],
    ['deep objects', `${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`],
    ['too large a body', `["${'x'.repeat(80_000)}"]`],
    ['control events', '[{"headers":{"control":"reset"}}]'],
    ['a snapshot', '[{"headers":{"control":"snapshot-start"}},{"headers":{"control":"snapshot-end"}}]'],
    ['a reset elsewhere', '[{"headers":{"control":"reset","offset":"-1"}}]'],
    ['lines', '{"headers":{"control":"reset"}}\n{"headers":{"control":"reset"}}'],
    ['what is cut', '[{"type":"message","key":"k1","value":{"id":"k'],
    ['a polluted event', '[{"__proto__":{"type":"profile","key":"ada","headers":{"operation":"delete"}}}]'],
    ['a polluted array', '{"0":{"headers":{"control":"reset"}},"length":1,"__proto__":[]}'],
    ['UTF-16', new Uint8Array(Buffer.from('\ufeff[{"headers":{"control":"reset"}}]', 'utf16le'))],
    ['invalid UTF-8', new Uint8Array([0x5b, 0x22, 0xc0, 0xae, 0xff, 0x22, 0x5d])],
    ['NUL', '\u0000[]\u0000'],
    ['a bomb', gzipSync(Buffer.alloc(8 * 1024 * 1024)), ['Content-Encoding', 'gzip']],
    ['a smaller bomb', brotliCompressSync(Buffer.alloc(1024 * 1024)), ['Content-Encoding', 'br, gzip']],
    ['many events', `[${Array(300).fill('{"headers":{"control":"reset"}}').join()}]`],
  )
  .map(([what, content, header]) => bodyOf(what, content, [], header === undefined ? [] : [header]))

function bodies(me: string): fc.Arbitrary<Body> {
  const several = fc.array(eventsOf(me), { minLength: 1, maxLength: 4 })
  const array = several.map((events) =>
    bodyOf('events', `[${events.map(({ json }) => json).join()}]`, events),
  )
  const content = (what: string, change: (json: string) => string | Uint8Array, header?: Header) =>
    several.map((events) =>
      bodyOf(what, change(`[${events.map(({ json }) => json).join()}]`), events, header && [header]),
    )
  return fc.oneof(
    { weight: 12, arbitrary: array },
    { weight: 2, arbitrary: eventsOf(me).map((event) => bodyOf('one event', event.json, [event])) },
    { weight: 4, arbitrary: junk },
    {
      weight: 4,
      arbitrary: callsOf(me).map((call) => ({
        ...bodyOf('a call', call.json, [call]),
        contentType: actionContentType,
      })),
    },
    junk.map((body) => ({ ...body, contentType: actionContentType })),
    content('a byte order mark', (json) => `\ufeff${json}`),
    content('arrays in an array', (json) => `[${json}]`),
    content('lines', (json) => json.slice(1, -1).replaceAll('},{"type"', '}\n{"type"')),
    content('spaces around', (json) => `${' '.repeat(2_000)}${json}\n\n`),
    content('compressed', (json) => gzipSync(json), ['Content-Encoding', 'gzip']),
    content('compressed, and not said', (json) => gzipSync(json)),
    fc.tuple(several, fc.nat(), fc.nat(255)).map(([events, at, byte]) => {
      const bytes = text.encode(`[${events.map(({ json }) => json).join()}]`)
      bytes[at % bytes.length] = byte
      return bodyOf('a changed byte', bytes, events)
    }),
  )
}

const producerIds = [
  'p',
  'p',
  'ada/p',
  'grace%2Fp',
  '../grace/p',
  'é',
  '"',
  ',',
  'x'.repeat(300),
  '__proto__',
  '',
]
const counts = [
  '0',
  '0',
  '1',
  '2',
  '-1',
  '1e3',
  '9007199254740991',
  '9007199254740993',
  '00',
  'NaN',
  ' 1',
  '',
]

/** Headers that a client of ours never sends, or sends differently. */
const oddHeaders: fc.Arbitrary<readonly Header[]> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...producerIds), fc.constantFrom(...counts), fc.constantFrom(...counts))
    .map(([id, epoch, seq]): readonly Header[] => [
      ['Producer-Id', id],
      ['Producer-Epoch', epoch],
      ['Producer-Seq', seq],
    ]),
  fc.constantFrom(...people).map((id): readonly Header[] => [['Authorization', `Bearer ${id}`]]),
  fc.constantFrom<readonly Header[]>(
    ...([
      [['Stream-Closed', 'true']],
      [['Stream-Seq', 'zzzzzzzz']],
      [['Stream-TTL', '1']],
      [['Stream-Forked-From', '/rooms/other']],
      [['Stream-Expires-At', '2020-01-01T00:00:00Z']],
      [['Stream-Next-Offset', '0']],
      [['Producer-Id', 'p']],
      [
        ['Producer-Id', 'p'],
        ['Producer-Id', 'q'],
      ],
      [['Content-Encoding', 'deflate, identity']],
      [['Content-Type', 'text/plain']],
      [['X-HTTP-Method-Override', 'DELETE']],
      [['Connection', 'authorization, producer-id']],
      [['Upgrade', 'websocket']],
      [['Origin', 'null']],
      [['Cookie', 'user=ada']],
      [['X', 'a\rStream-Closed: true']],
      [['X', 'a\nStream-Closed: true']],
      [['X\u0000', 'a']],
      [[' Folded', 'x']],
      [['X', 'x'.repeat(20_000)]],
      [['Expect', 'the impossible']],
      [['Host', 'evil.example']],
      [['Trailer', 'Authorization']],
    ] satisfies Header[][]),
  ),
)

const paths = (room: string): string[] => [
  ...['/streams/', '/streams', '/', '*', '//evil.example/streams/x', '/STREAMS/x', '/streams/../rooms/x'],
  ...[`/streams/../${room}`, `/streams/./${room}`, `/streams/%2e%2e/${room}`, `/streams/x/..%2f${room}`],
  ...[
    `/streams//${room}`,
    `/streams/${room}/`,
    `/streams/${room};x`,
    `/streams/${room}%00`,
    `/streams/${room}\\x`,
  ],
  ...[`/streams/${room}%2f..%2fother`, `/streams/${room}%252e`, `/streams/${room}%zz`, `/streams/${room}#x`],
  ...[
    `/streams/${room}.snapshots`,
    `/streams/${room}.snapshots.1.x`,
    `/streams/${room}?offset=-1&live=sse&x=1`,
  ],
  ...[
    `http://evil.example/streams/${room}`,
    `http://127.0.0.1@evil.example/${room}`,
    `/streams/@evil.example/${room}`,
  ],
  ...[
    '/streams/__proto__',
    '/streams/constructor/prototype',
    `/streams/${'a'.repeat(1_500)}`,
    `/streams/${'a/'.repeat(400)}b`,
  ],
  ...[
    `/streams/${room}\u00e9`,
    `/streams/http:%2f%2fevil.example%2f`,
    '/streams/?x',
    '/streams/%',
    '/streams/..;/x',
  ],
]

/** How a body is sent. */
const framings = [
  ...[
    'whole',
    'whole',
    'whole',
    'whole',
    'whole',
    'whole',
    'chunks',
    'pieces',
    'slow',
    'hung up',
    'length and chunks',
  ],
  ...['two lengths', 'too short', 'too long', 'twice', 'expect', 'bad chunks', 'no length', 'chunked twice'],
] as const

function frame(how: (typeof framings)[number], head: readonly string[], { content }: Body): Bytes {
  const { length } = content
  const start = (...more: readonly string[]): string => `${[...head, ...more].join('\r\n')}\r\n\r\n`
  const hex = length.toString(16)
  const end = 'Connection: close'
  const whole: Bytes = [start(`Content-Length: ${length}`, end), content]
  const half = Math.ceil(length / 2)
  switch (how) {
    case 'whole':
    case 'hung up':
      return whole
    case 'chunks':
      return [
        start('Transfer-Encoding: chunked', end),
        `${hex}\r\n`,
        content,
        '\r\n0\r\nStream-Closed: true\r\n\r\n',
      ]
    case 'pieces':
      return [start(`Content-Length: ${length}`, end), content.subarray(0, half), 20, content.subarray(half)]
    case 'slow':
      return [
        start(`Content-Length: ${length + 1}`, end),
        content.subarray(0, half),
        250,
        content.subarray(half),
        400,
      ]
    case 'length and chunks':
      return [
        start(`Content-Length: ${length}`, 'Transfer-Encoding: chunked', end),
        `${hex}\r\n`,
        content,
        '\r\n0\r\n\r\n',
      ]
    case 'two lengths':
      return [start(`Content-Length: ${length}`, `Content-Length: ${length + 7}`, end), content]
    case 'too short':
      return [start(`Content-Length: ${Math.max(0, length - 3)}`, end), content]
    case 'too long':
      return [start(`Content-Length: ${length + 9}`, end), content]
    case 'twice':
      return [start(`Content-Length: ${length}`), content, ...whole]
    case 'expect':
      return [start(`Content-Length: ${length}`, 'Expect: 100-continue', end), 10, content]
    case 'bad chunks':
      return [start('Transfer-Encoding: chunked', end), `fffffffffffffffff\r\n`, content, '\r\n0\r\n\r\n']
    case 'no length':
      return [start(end), content]
    case 'chunked twice':
      return [start('Transfer-Encoding: chunked, chunked', end), `${hex}\r\n`, content, '\r\n0\r\n\r\n']
  }
}

const methods = [
  'POST',
  'POST',
  'POST',
  'PUT',
  'DELETE',
  'GET',
  'HEAD',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'post',
  'PURGE',
]

/** Anything at all, by somebody who is signed in, or by nobody. */
const anything: fc.Arbitrary<Attack> = fc
  .record({
    me: fc.constantFrom(...people),
    isSignedIn: fc.integer({ min: 0, max: 12 }).map((each) => each > 0),
  })
  .chain(({ me, isSignedIn }) =>
    fc
      .record({
        body: bodies(me),
        how: fc.constantFrom(...framings),
        odd: fc.oneof(
          { weight: 3, arbitrary: fc.constant<readonly Header[]>([]) },
          { weight: 1, arbitrary: oddHeaders },
        ),
        method: fc.oneof({ weight: 8, arbitrary: fc.constant('POST') }, fc.constantFrom(...methods)),
        path: fc.oneof({ weight: 8, arbitrary: fc.constant(-1) }, fc.nat(paths('').length - 1)),
      })
      .map(({ body, how, odd: given, method, path }): Attack => {
        // Whoever is not signed in is so as nobody else either.
        const odd = isSignedIn ? given : given.filter(([name]) => name !== 'Authorization')
        const authorization = isSignedIn ? [`Authorization: Bearer ${me}`] : []
        return {
          what: `${method} ${path} ${how}: ${body.what}, ${odd.map(([name]) => name).join()}`,
          ...{ me, hangUp: how === 'hung up', marks: body.marks, expected: 'any' },
          bytes: (room) => {
            const target = paths(room)[path] ?? `/streams/${room}`
            const head = [
              ...[`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1', ...authorization],
              ...[
                `Content-Type: ${body.contentType ?? 'application/json'}`,
                ...[...body.headers, ...odd].map((each) => each.join(': ')),
              ],
            ]
            return frame(how, head, body)
          },
        }
      }),
  )

/** What its writer may write, in one request: it has to be there. */
const honest: fc.Arbitrary<Attack> = fc.constantFrom(...people).map((me): Attack => {
  const event = ownEvent(me)
  const body = bodyOf('an own event', `[${event.json}]`, [event])
  return {
    what: 'honest',
    ...{ me, hangUp: false, marks: body.marks, expected: 'stored' },
    bytes: (room) => post(room, me, body),
  }
})

/** The same with producer headers, sent twice at a time by its writer, and by another one as it was. */
const replayed: fc.Arbitrary<readonly Attack[]> = fc
  .tuple(fc.constantFrom(...people), fc.constantFrom(...people), fc.boolean())
  .map(([me, thief, isNamed]): readonly Attack[] => {
    const event = ownEvent(me)
    const json = isNamed ? event.json : event.json.replace(/,"txid":"[^"]+"/, '')
    const body = bodyOf('an own event', `[${json}]`, [event])
    const producer: readonly Header[] = [
      ['Producer-Id', event.mark ?? ''],
      ['Producer-Epoch', '0'],
      ['Producer-Seq', '0'],
    ]
    const as = (who: string): Attack => ({
      what: `replayed by ${who}`,
      ...{ me: who, hangUp: false, marks: body.marks, expected: 'once' },
      bytes: (room) => post(room, who, { ...body, headers: producer }),
    })
    return [as(thief), as(me), as(me)]
  })

function post(room: string, me: string, body: Body): Bytes {
  const head = [
    ...[`POST /streams/${room} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${me}`],
    ...['Content-Type: application/json', ...body.headers.map((each) => each.join(': '))],
  ]
  return frame('whole', head, body)
}

/** What comes at a room in one round. */
export const rounds: fc.Arbitrary<readonly Attack[]> = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: anything.map((attack) => [attack]) },
      { weight: 2, arbitrary: honest.map((attack) => [attack]) },
      { weight: 1, arbitrary: replayed },
    ),
    { minLength: 20, maxLength: 60 },
  )
  .map((several) => several.flat())
