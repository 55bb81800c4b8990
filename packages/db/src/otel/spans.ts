import { SpanStatusCode } from '@opentelemetry/api'
import type { Attributes, Span, Tracer } from '@opentelemetry/api'
import type { StreamDBError } from '@streamdb/log'
import type { Observer } from '../observe.ts'
import type { Status } from '../sync/status.ts'
import type { Write } from '../writes/write.ts'

/** What arrived, and is not visible yet. */
interface OpenBatch {
  readonly span: Span
  items: number
}

/** The spans of one database: its load, what arrives, and what it writes. */
export class DatabaseSpans {
  readonly #tracer: Tracer
  readonly #attributes: Attributes
  readonly #writes = new Map<string, Span>()
  #load: Span | undefined
  #isLoaded = false
  #batch: OpenBatch | undefined

  constructor(tracer: Tracer, attributes: Attributes) {
    this.#tracer = tracer
    this.#attributes = attributes
  }

  readonly observer: Observer = {
    onStatus: (status) => this.begin(status),
    onBeforeBatch: ({ items }) => this.#onBatch(items.length),
    onChanges: ({ txids }, { offset }) => this.#onVisible(txids.size, offset),
    onWrite: (write) => this.#onWrite(write),
    onRestart: (reason) => {
      this.#load?.addEvent('restart', { reason })
      this.#batch?.span.addEvent('restart', { reason })
    },
  }

  /** Takes note of a status: the load begins or ends. */
  begin(status: Status): void {
    switch (status.name) {
      case 'connecting':
      case 'catching-up':
        if (!this.#isLoaded) this.#load ??= this.#start('streamdb.load')
        return
      case 'reconnecting':
      case 'needs-auth':
        this.#load?.addEvent(status.name, { 'error.type': status.error.code })
        return
      case 'failed':
        fail(this.#load, status.error)
        this.#load = undefined
        return
      case 'live':
      case 'ended':
        this.#isLoaded = true
        this.#load?.setAttribute('streamdb.outcome', 'loaded')
        this.#load?.end()
        this.#load = undefined
        return
      case 'idle':
      case 'offline':
      case 'closed':
    }
  }

  /** Ends the spans that are open. */
  end(): void {
    for (const span of [this.#load, this.#batch?.span, ...this.#writes.values()]) {
      span?.setAttribute('streamdb.outcome', 'closed')
      span?.end()
    }
    this.#load = this.#batch = undefined
    this.#writes.clear()
  }

  #onBatch(items: number): void {
    // The batches of a load are the load.
    if (!this.#isLoaded || items === 0) return
    this.#batch ??= { span: this.#start('streamdb.batch'), items: 0 }
    this.#batch.items += items
  }

  #onVisible(transactions: number, offset: string): void {
    if (this.#batch === undefined) return
    const { span, items } = this.#batch
    span.setAttributes({
      'streamdb.items': items,
      'streamdb.transactions': transactions,
      'streamdb.offset': offset,
    })
    span.end()
    this.#batch = undefined
  }

  #onWrite({ txid, action, state, attempts, lastError }: Write): void {
    let span = this.#writes.get(txid)
    if (span === undefined) {
      const named = { 'streamdb.txid': txid, ...(action !== undefined && { 'streamdb.action': action }) }
      span = this.#start('streamdb.write', named)
      this.#writes.set(txid, span)
    }
    if (state.name === 'pending') {
      if (lastError !== undefined) span.addEvent('retry', { attempts, 'error.type': lastError.code })
      return
    }
    if (state.name === 'acknowledged') {
      span.addEvent('acknowledged')
      return
    }
    this.#writes.delete(txid)
    span.setAttribute('streamdb.attempts', attempts)
    if (state.name === 'failed') fail(span, state.error)
    else {
      span.setAttribute('streamdb.outcome', 'confirmed')
      span.end()
    }
  }

  #start(name: string, attributes: Attributes = {}): Span {
    return this.#tracer.startSpan(name, { attributes: { ...this.#attributes, ...attributes } })
  }
}

function fail(span: Span | undefined, error: StreamDBError): void {
  const { code, message, status } = error
  span?.setAttributes({
    'streamdb.outcome': 'failed',
    'error.type': code,
    ...(status !== undefined && { 'http.response.status_code': status }),
  })
  span?.setStatus({ code: SpanStatusCode.ERROR, message })
  span?.end()
}
