import { BTreeIndex, createCollection } from '@tanstack/db'
import { definitionsOf } from '../lib/definitions.mjs'

/**
 * Opens the least that can be done: a plain fetch, `JSON.parse`, the last row a key in a Map, and one TanStack commit of
 * these rows a collection. It validates nothing, and knows of no failure.
 *
 * `cost()` is the processor time of all but the fetch.
 */
export function open({ url, kind, onBeforeBatch }) {
  const sinks = new Map()
  const collections = {}
  for (const [name, { type, primaryKey }] of Object.entries(definitionsOf(kind))) {
    collections[name] = createCollection({
      id: name,
      getKey: (row) => row[primaryKey],
      gcTime: 0,
      startSync: true,
      autoIndex: 'eager',
      defaultIndexType: BTreeIndex,
      sync: { rowUpdateMode: 'full', sync: (sink) => void sinks.set(type, sink) },
    })
  }
  const closing = new AbortController()
  let offset = '-1'
  let bare = 0

  function timed(run) {
    const before = process.cpuUsage()
    const result = run()
    const { user, system } = process.cpuUsage(before)
    bare += (user + system) / 1e6
    return result
  }

  async function load() {
    const rows = new Map()
    for (;;) {
      const response = await fetch(`${url}?offset=${offset}`)
      const text = await response.text()
      timed(() => fold(JSON.parse(text), rows))
      offset = response.headers.get('stream-next-offset') ?? offset
      if (response.headers.has('stream-up-to-date')) break
    }
    timed(() => commit(rows, 'insert'))
    for (const sink of sinks.values()) sink.markReady()
    // Reported where it matters: by the workload, which waits for what it delivers.
    void follow().catch(() => undefined)
  }

  function fold(events, rows) {
    for (const { type, key, value } of events) {
      let keys = rows.get(type)
      if (keys === undefined) rows.set(type, (keys = new Map()))
      keys.set(key, value)
    }
  }

  function commit(rows, put) {
    for (const [type, keys] of rows) {
      const { begin, write, commit: end } = sinks.get(type)
      begin()
      for (const [key, value] of keys) {
        if (value !== undefined) write({ type: put, value })
        else if (put === 'update') write({ type: 'delete', key })
      }
      end()
    }
  }

  async function follow() {
    const response = await fetch(`${url}?offset=${offset}&live=sse`, { signal: closing.signal })
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      const frames = text.split('\n\n')
      text = frames.pop() ?? ''
      for (const frame of frames) {
        if (!frame.startsWith('event: data')) continue
        const rows = new Map()
        onBeforeBatch?.()
        fold(JSON.parse(frame.slice(frame.indexOf('data: [') + 6)), rows)
        commit(rows, 'update')
      }
    }
  }

  return { collections, load, cost: () => bare, close: () => closing.abort() }
}
