import { openStream, readState, toStreamDBError } from '@streamdb/log'
import type { ConnectionEvent } from '@streamdb/log'
import type { StateIssue } from '@streamdb/state'
import type { ConnectionState } from '../model/connection-log.ts'
import { InspectorModel } from '../model/inspector-model.ts'
import type { InspectorModelOptions } from '../model/inspector-model.ts'
import { toEvent } from './edit-row.ts'
import type { InspectorSource } from './source.ts'
import { errorOf } from './status-words.ts'

/** What is read, and how. */
export interface StreamSourceOptions extends InspectorModelOptions {
  readonly url: string
  readonly headers?: Record<string, string> | undefined
  readonly allowEdits?: boolean | undefined
}

/** Reads any stream of state events from its beginning, without a schema, and follows it. */
export function streamSource({ url, headers, allowEdits, ...options }: StreamSourceOptions): InspectorSource {
  const model = new InspectorModel(options)
  const opened = openStream({ url, warnOnHttp: false, ...(headers && { headers }) })
  const name = opened.stream.url
  let reading: AbortController | undefined

  function start(): void {
    reading = new AbortController()
    model.connection.note({ name: 'connecting' }, model.now())
    void read(model, { url: name, headers, signal: reading.signal })
  }

  start()
  return {
    ...{ kind: 'stream', model, name },
    ...(allowEdits === true && {
      edit: async (edit) => opened.stream.append(JSON.stringify(toEvent(edit))),
    }),
    retry() {
      // What failed for good is read again from its beginning: it may be another stream.
      if (model.connection.entries().at(-1)?.name !== 'failed') return
      model.noteRestart('requested')
      start()
    },
    close: () => reading?.abort(),
  }
}

interface Reading {
  readonly url: string
  readonly headers: Record<string, string> | undefined
  readonly signal: AbortSignal
}

/** So many events are handed over at once, where a response is longer. */
const mostAtOnce = 5_000

/** Reads until `signal` aborts; never rejects: what ends reading is a state of the connection. */
async function read(model: InspectorModel, { url, headers, signal }: Reading): Promise<void> {
  const waiting = new WaitingItems(model)
  const onConnection = (event: ConnectionEvent): void => {
    const state = stateAfter(event)
    if (state !== undefined) model.connection.note(state, model.now())
  }
  try {
    for await (const each of readState({
      url,
      signal,
      live: true,
      onConnection,
      ...(headers && { headers }),
    })) {
      switch (each.type) {
        case 'event':
          waiting.add(each.event, each.checkpoint.offset)
          break
        case 'invalid':
          waiting.addInvalid(each.issue, each.checkpoint.offset)
          break
        case 'restart':
          waiting.flush('')
          model.noteRestart(each.why)
          break
        case 'checkpoint': {
          waiting.flush(each.checkpoint.offset)
          const { count } = model.store
          const detail = `${count.toLocaleString('en')} events`
          model.connection.note(
            each.upToDate ? { name: 'live' } : { name: 'catching-up', detail },
            model.now(),
          )
        }
      }
    }
  } catch (error) {
    if (signal.aborted) return
    waiting.flush('')
    const failed = toStreamDBError(error, 'stream-failed', `Reading ${url} failed`)
    model.connection.note({ name: 'failed', error: errorOf(failed) }, model.now())
  }
}

/** Events that were read, until it is known where they end. */
class WaitingItems {
  readonly #model: InspectorModel
  #items: unknown[] = []
  #issues: { readonly index: number; readonly issue: StateIssue }[] = []

  constructor(model: InspectorModel) {
    this.#model = model
  }

  add(item: unknown, offset: string): void {
    this.#items.push(item)
    if (this.#items.length >= mostAtOnce) this.flush(offset)
  }

  addInvalid(issue: StateIssue, offset: string): void {
    this.#issues.push({ index: this.#items.length, issue })
    this.add(issue.event, offset)
  }

  flush(offset: string): void {
    const [items, issues] = [this.#items, this.#issues]
    this.#items = []
    this.#issues = []
    const from = this.#model.store.end
    this.#model.addBatch({ items, offset })
    for (const { index, issue } of issues) this.#model.noteInvalidAt(from + index, issue, offset)
  }
}

/** Returns the state that a connection is in behind an event; nothing where that says nothing of it. */
function stateAfter(event: ConnectionEvent): ConnectionState | undefined {
  switch (event.type) {
    case 'end':
      return { name: 'ended', detail: event.reason === 'stream-closed' ? 'the stream is closed' : 'not live' }
    case 'break':
      return { name: 'reconnecting', detail: `attempt ${event.attempt}`, error: errorOf(event.error) }
    case 'refuse':
      return { name: 'needs-auth', error: errorOf(event.error) }
    case 'fail':
      return { name: 'failed', error: errorOf(event.error) }
    case 'start':
    case 'mode':
      return undefined
  }
}
