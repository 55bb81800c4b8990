import { isBefore } from '@streamdb/log'
import type { Capability, Finding } from './capability.ts'
import type { ProbeAnswer, ProbeClient } from './probe-client.ts'

/** Tries one thing on streams of its own. */
type Probe = (client: ProbeClient) => Promise<Finding>

const json = { 'content-type': 'application/json' }
const fromStart = { offset: '-1' }
/** No page has this origin: the answer says whether any page may. */
const page = 'https://page.example'

/** As many as an event may have, and the array around it. */
const levels = 257

/** How each capability is asked for. */
export const probes: Readonly<Record<Capability, Probe>> = {
  async sse(client) {
    const url = await client.create('sse', '[1]')
    const answer = await client.send('GET', url, { params: { ...fromStart, live: 'sse' }, headOnly: true })
    const type = answer.headers.get('content-type') ?? 'no content type'
    return finding(answer.ok && type.startsWith('text/event-stream'), `live=sse is ${answer.status}, ${type}`)
  },

  async 'long-poll'(client) {
    const url = await client.create('poll', '[1]')
    const answer = await client.send('GET', url, { params: { ...fromStart, live: 'long-poll' } })
    return finding(answer.status === 200 && countItems(answer) === 1, `live=long-poll is ${answer.status}`)
  },

  async arrays(client) {
    const url = await client.create('array', '[1]', '[2]')
    const answer = await client.send('GET', url, { params: fromStart })
    return finding(
      answer.text.trim().startsWith('['),
      answer.headers.get('content-type') ?? 'no content type',
    )
  },

  async 'exact-json'(client) {
    const text = '{"n":12345678901234567890}'
    const url = await client.create('exact', `[${text}]`)
    const answer = await client.send('GET', url, { params: fromStart })
    return finding(answer.text.includes(text), `12345678901234567890 is read as ${numberIn(answer.text)}`)
  },

  async nesting(client) {
    const url = await client.create('nesting')
    // The array of the body is one level, too.
    const body = `${'['.repeat(levels)}${']'.repeat(levels)}`
    const { ok, status } = await client.send('POST', url, { headers: json, body })
    return finding(ok, `a value of ${levels - 1} levels is ${ok ? 'stored' : `refused with ${status}`}`)
  },

  async bytes(client) {
    const url = client.url('bytes')
    const headers = { 'content-type': 'application/octet-stream' }
    const created = await client.send('PUT', url, { headers })
    if (!created.ok) return refused('PUT of application/octet-stream', created)
    const appended = await client.send('POST', url, { headers, body: new TextEncoder().encode('a\nb"') })
    if (!appended.ok) return refused('POST of bytes', appended)
    const { text } = await client.send('GET', url, { params: fromStart })
    return finding(text === 'a\nb"', 'bytes that were appended are read again')
  },

  async folders(client) {
    const answer = await client.send('PUT', `${client.url('folder')}/stream`, { headers: json })
    return finding(
      answer.status === 201 || answer.status === 200,
      `PUT of a name with a slash is ${answer.status}`,
    )
  },

  async identity(client) {
    const identify = async (url: string): Promise<string> => {
      const { headers } = await client.send('GET', url, { params: fromStart })
      return headers.get('stream-incarnation') ?? headers.get('etag') ?? ''
    }
    const url = await client.create('identity', '[1]')
    const before = await identify(url)
    if (before === '') return finding(false, 'a read has neither Stream-Incarnation nor etag')
    await client.send('DELETE', url)
    await client.create('identity', '[1]')
    const name = (await client.send('HEAD', url)).headers.has('stream-incarnation')
      ? 'Stream-Incarnation'
      : 'the etag'
    const differs = before !== (await identify(url))
    return finding(
      differs,
      `${name} ${differs ? 'differs' : 'is the same'} after DELETE, PUT and the same append`,
    )
  },

  async deletion(client) {
    const url = await client.create('deletion', '[1]')
    const offset = (await client.send('HEAD', url)).headers.get('stream-next-offset') ?? ''
    const answered = client.poll(url, offset, 1_000)
    // The poll goes first.
    await client.send('HEAD', url)
    await client.send('DELETE', url)
    const ends = await answered
    return finding(ends, ends ? 'a long-poll is answered by DELETE' : 'a long-poll goes on after DELETE')
  },

  async producers(client) {
    const url = await client.create('producer')
    const post = (epoch: number, body: string): Promise<ProbeAnswer> =>
      client.send('POST', url, {
        headers: { ...json, 'Producer-Id': 'probe', 'Producer-Epoch': String(epoch), 'Producer-Seq': '0' },
        body,
      })
    await post(0, '[1]')
    const again = await post(0, '[1]')
    const stored = countItems(await client.send('GET', url, { params: fromStart }))
    if (stored !== 1) return finding(false, `an append that is sent twice is stored ${stored} times`)
    await post(1, '[2]')
    const older = await post(0, '[3]')
    return finding(older.status === 403, `sent again is ${again.status}, an older epoch is ${older.status}`)
  },

  async sequence(client) {
    const url = await client.create('sequence')
    const post = (seq: string): Promise<ProbeAnswer> =>
      client.send('POST', url, { headers: { ...json, 'Stream-Seq': seq }, body: '[1]' })
    await post('b')
    const older = await post('a')
    return finding(older.status === 409, `an older Stream-Seq is ${older.status}`)
  },

  async closing(client) {
    const url = await client.create('closing', '[1]')
    const closed = await client.send('POST', url, { headers: { 'Stream-Closed': 'true' } })
    if (!closed.ok) return refused('POST with Stream-Closed', closed)
    const after = await client.send('POST', url, { headers: json, body: '[2]' })
    const says = (await client.send('HEAD', url)).headers.has('stream-closed')
    const how = says ? 'with' : 'without'
    return finding(!after.ok && says, `an append afterwards is ${after.status}, HEAD is ${how} Stream-Closed`)
  },

  async lifetime(client) {
    const url = client.url('lifetime')
    const created = await client.send('PUT', url, { headers: { ...json, 'Stream-TTL': '60' } })
    if (!created.ok) return refused('PUT with Stream-TTL', created)
    const { headers } = await client.send('HEAD', url)
    const said = headers.get('stream-ttl') ?? headers.get('stream-expires-at')
    return finding(said !== null, `Stream-TTL: 60 is ${said ?? 'forgotten'}`)
  },

  async forks(client) {
    const source = await client.create('source', '[1]')
    const offset = (await client.send('HEAD', source)).headers.get('stream-next-offset') ?? ''
    await client.send('POST', source, { headers: json, body: '[2]' })
    const url = client.url('fork')
    const made = await fork(client, source, url, { 'Stream-Fork-Offset': offset })
    if (!made.ok) return refused('PUT with Stream-Forked-From', made)
    const end = (await client.send('HEAD', url)).headers.get('stream-next-offset')
    const items = countItems(await client.send('GET', url, { params: fromStart }))
    const isFork = end !== null && !isBefore(end, offset) && items === 1
    return finding(isFork, isFork ? 'Stream-Forked-From shares the log' : 'Stream-Forked-From is passed over')
  },

  async 'sub-offsets'(client) {
    const source = await client.create('parts', '[1]', '[2,3,4]')
    const first = await client.create('first', '[1]')
    const offset = (await client.send('HEAD', first)).headers.get('stream-next-offset') ?? ''
    const url = client.url('part')
    const headers = { 'Stream-Fork-Offset': offset, 'Stream-Fork-Sub-Offset': '2' }
    const made = await fork(client, source, url, headers)
    if (!made.ok) return refused('PUT with Stream-Fork-Sub-Offset', made)
    const items = countItems(await client.send('GET', url, { params: fromStart }))
    return finding(items === 3, `a fork after 2 of an append's 3 items has ${items} of the log's 4`)
  },

  async stamps(client) {
    const event = { type: 'probe', key: '1', value: { id: '1' }, headers: { operation: 'upsert' } }
    const url = await client.create('stamps', JSON.stringify([event]))
    const { text } = await client.send('GET', url, { params: fromStart })
    const isStamped = text.includes('"offset"')
    return finding(
      isStamped,
      isStamped ? 'events are read with headers.offset' : 'events are read as they were written',
    )
  },

  async subscriptions(client) {
    const { status } = await client.send('GET', new URL('/v1/stream/__ds/jwks.json', client.url('')).href)
    return finding(status === 200, `GET /v1/stream/__ds/jwks.json is ${status}`)
  },

  async clock(client) {
    const date = (await client.send('GET', await client.create('clock'), { params: fromStart })).headers.get(
      'date',
    )
    return finding(date !== null, date === null ? 'no Date in an answer' : 'answers have a Date')
  },

  async cors(client) {
    const url = await client.create('cors', '[1]')
    const headers = {
      origin: page,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,producer-id,producer-epoch,producer-seq',
    }
    const preflight = await client.send('OPTIONS', url, { headers })
    const allowed = (of: ProbeAnswer): boolean =>
      ['*', page].includes(of.headers.get('access-control-allow-origin') ?? '')
    const read = await client.send('GET', url, { params: fromStart, headers: { origin: page } })
    const exposed = read.headers.get('access-control-expose-headers')?.toLowerCase() ?? ''
    if (!allowed(preflight) || !allowed(read)) return finding(false, 'no Access-Control-Allow-Origin')
    const exposes = exposed === '*' || exposed.includes('stream-next-offset')
    return finding(exposes, exposes ? 'any origin is allowed' : 'Stream-Next-Offset is not exposed')
  },
}

function fork(
  client: ProbeClient,
  source: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<ProbeAnswer> {
  const from = { 'Stream-Forked-From': new URL(source).pathname }
  return client.send('PUT', url, { headers: { ...json, ...from, ...headers } })
}

function finding(supported: boolean, detail: string): Finding {
  return { supported, detail }
}

function refused(what: string, { status, text }: ProbeAnswer): Finding {
  return finding(false, `${what} is ${status}${text === '' ? '' : ` (${text.slice(0, 80)})`}`)
}

/** Counts the items of a JSON read: an array, or lines. */
function countItems({ text }: ProbeAnswer): number {
  const trimmed = text.trim()
  if (trimmed === '') return 0
  if (!trimmed.startsWith('[')) return trimmed.split('\n').length
  const items: unknown = JSON.parse(trimmed)
  return Array.isArray(items) ? items.length : 0
}

function numberIn(text: string): string {
  return /"n":\s*([^}]*)/.exec(text)?.[1] ?? text.slice(0, 40)
}
