// The kinds of readers: each resolves when it is up to date and follows the stream.

import { createHttpSource, openStream } from '../dist/log.js'
import { createStateSchema, createStreamDB } from '../dist/db.js'

/**
 * @typedef {{ take(n: number, sentAt: number): void }} Counter
 * @typedef {{ url: string, live: true | 'sse' | 'long-poll', counter: Counter, counts: Record<string, number> }} Task
 * @type {Record<'log' | 'db' | 'fetch', (task: Task) => Promise<{ close(): void }>>}
 */
export const openers = { log: openLog, db: openDatabase, fetch: openFetch }

/** The product's reader by itself: what `@streamdb/db` stands on. */
function openLog({ url, live, counter, counts }) {
  const source = createHttpSource({ ...openStream({ url, warnOnHttp: false }), live })
  return new Promise((resolve, reject) => {
    const opened = () => resolve({ close: () => source.stop() })
    source.start(undefined, {
      onBatch({ items }) {
        for (const { value } of items) counter.take(value.n, value.sentAt)
        return { type: 'continue' }
      },
      onSeekRefused: () => undefined,
      onRestart: () => counts.restarts++,
      onConnection(event) {
        if (event.type === 'mode') opened()
        if (event.type === 'break' || event.type === 'refuse') counts.breaks++
        if (event.type === 'fail') {
          counts.failures++
          reject(new Error(`A reader failed: ${String(event.error)}`))
        }
      },
      ready: () => Promise.resolve(),
    })
  })
}

/** Any row will do; a Standard Schema, as zod's are. */
const schema = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } }
const state = createStateSchema({ ticks: { schema, type: 'tick', primaryKey: 'id' } })

/** A whole database, with a subscriber. */
async function openDatabase({ url, live, counter, counts }) {
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state, live })
  db.observe({
    onStatus({ name }) {
      if (name === 'reconnecting') counts.breaks++
      if (name === 'failed') counts.failures++
    },
  })
  await db.preload()
  db.collections.ticks.subscribeChanges((changes) => {
    for (const { value } of changes) counter.take(value.n, value.sentAt)
  })
  return { close: () => db.close() }
}

/** The least that a reader can do with the runtime's fetch: one SSE connection, no checks, no retries. */
async function openFetch({ url, counter, counts }) {
  const ending = new AbortController()
  const response = await fetch(`${url}?offset=now&live=sse`, { signal: ending.signal })
  void (async () => {
    const decoder = new TextDecoder()
    let text = ''
    for await (const piece of response.body) {
      text += decoder.decode(piece, { stream: true })
      const end = text.lastIndexOf('\n\n')
      if (end === -1) continue
      for (const event of text.slice(0, end).split('\n\n')) {
        if (!event.startsWith('event: data')) continue
        const json = event
          .slice(event.indexOf('data:', 12) + 5)
          .replaceAll('\ndata:', '\n')
          .trim()
        // An array, or an event a line, as the server has it.
        const items = json.startsWith('[')
          ? JSON.parse(json)
          : json.split('\n').map((line) => JSON.parse(line))
        for (const { value } of items) counter.take(value.n, value.sentAt)
      }
      text = text.slice(end + 2)
    }
    counts.breaks++
  })().catch(() => counts.breaks++)
  return { close: () => ending.abort() }
}
