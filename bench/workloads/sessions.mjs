import { DurableStream, stream } from '@durable-streams/client'
import { startMeter, sleep, usedHeap } from '../lib/meter.mjs'
import { answerEvents, createLog, logBytes, messageEvents, tokensOf } from '../lib/session-log.mjs'

/** Yields tokens at a rate, as many as are due: a timer of some milliseconds is late. */
async function* atRate(tokens, perSecond) {
  const began = performance.now()
  for (const [index, token] of tokens.entries()) {
    const due = began + (index * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await sleep(Math.ceil(wait))
    yield token
  }
}

/**
 * An agent streams an answer into a long thread, and somebody watches: both in this process. Without: plain text, appended by the
 * client, in the rhythm in which an agent appends deltas, to a stream of its own that somebody reads.
 *
 * `log, until swept`: bytes that the answer took in the log, as a multiple of its text. `snapshot, swept`: what a new reader
 * reads of it: a log only grows. `other renders`: how often another message changed for a list that shows the thread.
 */
export async function sessionStream({ subject, url, thread, count, rate }) {
  const tokens = tokensOf(count)
  const text = tokens.join('')
  if (subject === 'without') return streamPlainly(url, atRate(tokens, rate), text)
  const { openSession, sessionState } = await import('../dist/session.js')
  const { compactStream } = await import('../dist/server.js')
  const events = Array.from({ length: thread }, (_, index) =>
    messageEvents(
      sessionState,
      `m${index}`,
      `What was said as number ${index}`,
      ['user', 'assistant'][index % 2],
    ),
  )
  await createLog(url, events.flat())
  const snapshot = async () => {
    const result = await compactStream({ source: url, minEvents: 0 })
    return result.type === 'written' ? result.snapshot.bytes : NaN
  }
  const before = { log: await logBytes(url), snapshot: await snapshot() }
  const open = (id) => openSession({ url, me: { id }, db: { live: 'sse' } })
  const [host, reader] = [open('host'), open('ada')]
  await Promise.all([host.preload(), reader.preload()])
  let meter
  const agent = host.agent({
    name: 'bot',
    handle: async (run) => {
      meter = startMeter()
      await run.text(atRate(tokens, rate))
    },
  })
  await agent.ready
  const view = reader.view()
  let shown = view.get()
  let others = 0
  let renders = 0
  const watched = new Set()
  view.subscribe(() => {
    const next = view.get()
    const id = next.at(-1)?.message.id
    // The answer, and the question before it, are new.
    if (shown.some((each, index) => index < thread && each !== next[index])) others++
    shown = next
    const part = next.at(-1)?.parts[0]
    if (part?.state !== 'streaming' || id === undefined || watched.has(part.id)) return
    watched.add(part.id)
    reader.text(part.id).subscribe(() => renders++)
  })
  await reader.send('Write a long answer')
  await until(reader, ({ collections }) =>
    [...collections.runs.values()].some(({ status }) => status === 'done'),
  )
  const cost = await meter()
  const last = view.get().at(-1)?.parts[0]
  if (last === undefined || reader.text(last.id).get() !== text) throw new Error('the answer is not whole')
  await until(reader, ({ collections }) => collections.deltas.size === 0)
  await agent.stop()
  host.close()
  reader.close()
  const log = (await logBytes(url)) - before.log
  const read = (await snapshot()) - before.snapshot
  return {
    ...cost,
    'other renders': others,
    renders,
    'log, until swept': log / text.length,
    'snapshot, swept': read / text.length,
  }
}

async function streamPlainly(url, tokens, text) {
  const options = { url, contentType: 'text/plain', warnOnHttp: false }
  const writer = await DurableStream.create(options)
  const reading = await stream({ url, offset: '-1', live: 'sse', warnOnHttp: false })
  let read = ''
  const whole = new Promise((resolve) => {
    reading.subscribeText((chunk) => {
      read += chunk.text
      if (read.length >= text.length) resolve(undefined)
    })
  })
  const stop = startMeter()
  const began = performance.now()
  let waiting = ''
  let sending = Promise.resolve()
  let timer
  const schedule = () => {
    timer ??= setTimeout(send, performance.now() - began > 2000 ? 55 : 20)
  }
  const send = () => {
    const body = waiting
    waiting = ''
    sending = writer.append(body).then(() => {
      timer = undefined
      if (waiting !== '') schedule()
    })
  }
  for await (const token of tokens) {
    waiting += token
    schedule()
  }
  await whole
  await sending
  const cost = await stop()
  reading.cancel()
  if (read !== text) throw new Error('the text is not whole')
  return cost
}

/** Writes a session of questions and answers, and a snapshot of it: `tokens` an answer, `perDelta` of them an append. */
export async function sessionFill({ url, answers, tokens, perDelta }) {
  const { sessionSnapshots, sessionState } = await import('../dist/session.js')
  const { compactStream } = await import('../dist/server.js')
  const events = Array.from({ length: answers }, (_, index) => [
    ...messageEvents(sessionState, `m${index}`, `Question number ${index}?`),
    ...answerEvents(sessionState, `bot.m${index}`, `m${index}`, {
      tokens: tokensOf(tokens, index + 1),
      perDelta,
    }).flat(),
  ])
  await createLog(url, events.flat())
  const { type } = await compactStream({ source: url, ...sessionSnapshots })
  if (type !== 'written') throw new Error(`no snapshot was written: ${type}`)
  return {}
}

/**
 * Opens the session until its last answer is shown, from a snapshot; without: from its log, with all deltas.
 *
 * `cpu`: in a process that has just started, and loads and compiles what it needs meanwhile: most of it is the same for a
 * session of one answer. `cpu, again`: when the same process opens it once more, as when somebody comes back to a session.
 */
export async function sessionOpen({ subject, url, answers, last }) {
  const { openSession } = await import('../dist/session.js')
  const isFromLog = subject === 'without'
  const how = isFromLog ? {} : { snapshots: true }
  const load = isFromLog || last === undefined ? undefined : { last: last * 2 }
  const open = async (fetch) => {
    const streamOptions = fetch && { fetch }
    const session = openSession({
      url,
      me: { id: 'ada' },
      presence: false,
      streamOptions,
      load,
      db: { live: false, ...how },
    })
    await session.preload()
    const shown = session.view().get()
    if (shown.length !== (load ? last : answers) * 2) throw new Error(`${shown.length} messages are shown`)
    if ((shown.at(-1)?.parts[0]?.text ?? '') === '') throw new Error('the last answer is not shown')
    session.close()
  }
  const stop = startMeter()
  await open()
  const cost = await stop()
  const stopAgain = startMeter()
  await open()
  const again = await stopAgain()
  let bytes = 0
  // A reader that has what it wants of a response reads no further.
  await open(async (...given) => {
    const response = await fetch(...given)
    const counted = new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        controller.enqueue(chunk)
      },
    })
    return new Response(response.body?.pipeThrough(counted) ?? null, response)
  })
  return { ...cost, 'cpu, again': again.cpu, bytes: bytes / 1e6 }
}

/** What a session's rows need of the heap, in megabytes, while it is shown; without: as plain objects, by type and key. */
export async function sessionMemory({ subject, url }) {
  const response = await fetch(`${url}?offset=-1`)
  await response.arrayBuffer()
  const { openSession } = await import('../dist/session.js')
  const before = await usedHeap()
  const kept = subject === 'without' ? await plainRows(url) : await openAll(openSession, url)
  const used = (await usedHeap()) - before
  kept.close()
  return { heap: used / 1e6 }
}

async function plainRows(url) {
  const rows = new Map()
  for (let offset = '-1'; ;) {
    const response = await fetch(`${url}?offset=${offset}`)
    for (const { type, key, value } of await response.json()) rows.set(`${type} ${key}`, value)
    offset = response.headers.get('stream-next-offset') ?? offset
    if (response.headers.has('stream-up-to-date')) break
  }
  return { rows, close: () => rows.clear() }
}

async function openAll(openSession, url) {
  const session = openSession({ url, me: { id: 'ada' }, presence: false, db: { live: false } })
  await session.preload()
  const view = session.view()
  const stop = view.subscribe(() => undefined)
  if (view.get().length === 0) throw new Error('nothing is shown')
  return {
    close: () => {
      stop()
      session.close()
    },
  }
}

/** Writes a session of settled messages. */
export async function sessionMessages({ url, messages }) {
  const { sessionState } = await import('../dist/session.js')
  const events = Array.from({ length: messages }, (_, index) =>
    messageEvents(
      sessionState,
      `m${index}`,
      `${index} ${'said '.repeat(20)}`,
      ['user', 'assistant'][index % 2],
    ),
  )
  await createLog(url, events.flat())
  return {}
}

/** Resolves when a session is so. */
function until(session, isSo) {
  return new Promise((resolve) => {
    const check = () => {
      if (!isSo(session)) return
      stop()
      resolve(undefined)
    }
    const stop = session.db.observe({ onChanges: check })
    check()
  })
}
