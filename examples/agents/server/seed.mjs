import { agents } from './agents.mjs'

/**
 * A change event of the State Protocol.
 * @typedef {{ readonly type: string, readonly key: string, readonly value: object, readonly headers: object }} Event
 */

const minute = 60_000

/**
 * Creates the streams that do not exist yet, each with its first events, in one request: the directory, two sessions, and
 * how the agents' processes are.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 */
export async function createStreams(streams) {
  const now = Date.now()
  const all = {
    '/stream/sessions/opening-room': openingRoom(now),
    '/stream/sessions/captions': captions(now),
    '/stream/directory': [
      listed('captions', 'Captions for room two', captions(now), now - 190 * minute),
      listed('opening-room', 'The opening room', openingRoom(now), now - 20 * minute),
    ],
    '/stream/processes': [],
  }
  for (const [path, events] of Object.entries(all)) await create(streams, path, events)
  // Those of the server's last run have ended with it.
  await send(
    streams,
    'POST',
    '/stream/processes',
    agents.map(({ id }) => event('process', id, { id, state: 'stopped' })),
  )
}

/** @param {number} now */
function openingRoom(now) {
  const say = speaker('opening-room', now - 32 * minute, 4 * minute)
  return [
    ...participants(),
    ...say('ada', 'The opening room is to show how cards came to carry instructions. Four objects, no more.'),
    ...say('grace', 'The loom first, then. I have a photograph of ours, I can attach it here.'),
    ...say(
      'scout',
      [
        'Hello. I look things up in the archive, and I can order scans once **one of you has approved** it.',
        '',
        '- Ask me *What do we know about the loom?*',
        '- Or *Order a scan of Note G*: the other one of you is asked first.',
        '- While I answer you can stop me, steer me, or end my process and start it again.',
        '',
        '**Quill** writes captions into the notes beside this conversation. Open a second window as somebody else to see all of it from two sides.',
      ].join('\n'),
    ),
  ]
}

/** @param {number} now */
function captions(now) {
  const say = speaker('captions', now - 200 * minute, 5 * minute)
  return [
    ...participants(),
    ...say('grace', 'A caption has at most sixty words. Visitors stand while they read.'),
    ...say('quill', 'Sixty words, then. Name an object, and I write its caption into the notes.'),
  ]
}

function participants() {
  return [
    event('participant', 'ada', { id: 'ada', kind: 'person', name: 'Ada' }),
    event('participant', 'grace', { id: 'grace', kind: 'person', name: 'Grace' }),
    ...agents.map(({ id, name }) => event('participant', id, { id, kind: 'agent', name })),
  ]
}

/**
 * Returns a function that returns the events of one message after the other.
 * @param {string} session
 * @param {number} start
 * @param {number} pause
 */
function speaker(session, start, pause) {
  let count = 0
  return (/** @type {string} */ author, /** @type {string} */ text) => {
    const createdAt = new Date(start + pause * count).toISOString()
    const id = `${session}-${(count += 1)}`
    const role = agents.some((agent) => agent.id === author) ? 'assistant' : 'user'
    return [
      event('message', id, { id, role, author, createdAt }),
      event('part', `${id}.0`, { id: `${id}.0`, message: id, index: 0, kind: 'text', state: 'done', text }),
    ]
  }
}

/**
 * @param {string} id
 * @param {string} title
 * @param {readonly Event[]} events
 * @param {number} time
 */
function listed(id, title, events, time) {
  const messages = events.filter(({ type }) => type === 'message').length
  return event('session', id, {
    ...{ id, title, url: `http://127.0.0.1/stream/sessions/${id}`, messages },
    // Agents join every session: nothing changes here when they do.
    participants: ['ada', 'grace', ...agents.map((agent) => agent.id)],
    ...{ isRunning: false, lastActivity: new Date(time).toISOString(), by: 'ada' },
  })
}

/**
 * @param {string} type
 * @param {string} key
 * @param {object} value
 */
function event(type, key, value) {
  return { type, key, value, headers: { operation: 'upsert' } }
}

/**
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 * @param {string} path
 * @param {readonly Event[]} events
 */
async function create(streams, path, events) {
  if ((await streams.fetch({ method: 'HEAD', path })).ok) return
  await send(streams, 'PUT', path, events)
}

/**
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 * @param {string} method
 * @param {string} path
 * @param {readonly Event[]} events
 */
async function send(streams, method, path, events) {
  const { ok, status, body } = await streams.fetch({
    ...{ method, path, headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(events),
  })
  if (!ok) throw new Error(`${method} ${path} failed with ${status}: ${body}`)
}
