import { metrics, trace } from '@opentelemetry/api'
import type { Attributes, Meter, Tracer } from '@opentelemetry/api'
import { describeUrl } from '@streamdb/log'
import type { InstrumentedDatabase } from './instrumented-database.ts'
import { record } from './instruments.ts'
import { DatabaseSpans } from './spans.ts'

/** What spans and metrics go to. */
export interface InstrumentOptions {
  /** Default: the tracer `@streamdb/db` of the provider that is registered. */
  readonly tracer?: Tracer | undefined
  /** Default: the meter `@streamdb/db` of the provider that is registered. */
  readonly meter?: Meter | undefined
  /** More attributes for all of them. */
  readonly attributes?: Attributes | undefined
}

/**
 * Reports a database to OpenTelemetry, by `db.observe` alone; returns what ends that. Ends by itself when the database
 * closes.
 *
 * Spans: `streamdb.load`, from the first request until everything is visible; `streamdb.batch`, from the arrival of what
 * is appended until it is visible; `streamdb.write`, from a write's start until it is confirmed or rolled back. Metrics:
 * `streamdb.events`, `streamdb.events.invalid`, `streamdb.reconnects`, `streamdb.rows`, `streamdb.writes.pending`,
 * `streamdb.write.duration` and `streamdb.lag`, both in seconds. Attributes have no rows, and no secrets of the URL.
 *
 * @example
 * ```ts
 * import { instrument } from '@streamdb/db/otel'
 *
 * const stop = instrument(db)
 * ```
 */
export function instrument(db: InstrumentedDatabase, options: InstrumentOptions = {}): () => void {
  const { tracer = trace.getTracer('@streamdb/db'), meter = metrics.getMeter('@streamdb/db') } = options
  const attributes: Attributes = { 'streamdb.stream': describeUrl(db.stream.url), ...options.attributes }
  const spans = new DatabaseSpans(tracer, attributes)
  const recording = record(db, meter, attributes)
  const endings = [
    db.observe(spans.observer),
    db.observe(recording.observer),
    db.observe({
      onStatus({ name }) {
        if (name === 'closed') stop()
      },
    }),
  ]
  let isStopped = false
  function stop(): void {
    if (isStopped) return
    isStopped = true
    for (const end of endings) end()
    spans.end()
    recording.end()
  }
  spans.begin(db.status)
  return stop
}
