import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api'
import type { Observer } from '../observe.ts'
import type { InstrumentedDatabase } from './instrumented-database.ts'

/** Records the metrics of a database; what it observes goes to `observer`. */
export function record(
  db: InstrumentedDatabase,
  meter: Meter,
  attributes: Attributes,
): { readonly observer: Observer; readonly end: () => void } {
  const events = meter.createCounter('streamdb.events', { description: 'Valid changes that were read' })
  const invalid = meter.createCounter('streamdb.events.invalid', {
    description: 'Events that were not applied',
  })
  const reconnects = meter.createCounter('streamdb.reconnects', { description: 'Connections that broke' })
  const duration = meter.createHistogram('streamdb.write.duration', {
    description: 'From the start of a write until it is confirmed or rolled back',
    unit: 's',
  })
  const lag = meter.createHistogram('streamdb.lag', {
    description: 'From the timestamp of an event until it is visible, by the clocks of both',
    unit: 's',
  })
  const rows = meter.createObservableGauge('streamdb.rows', { description: 'Rows of a collection' })
  const pending = meter.createObservableGauge('streamdb.writes.pending', {
    description: 'Writes under way',
  })
  const observeRows = (result: ObservableResult): void => {
    for (const [name, { size }] of Object.entries(db.collections))
      result.observe(size, { ...attributes, 'streamdb.collection': name })
  }
  const observePending = (result: ObservableResult): void =>
    result.observe(db.pendingWrites.length, attributes)
  rows.addCallback(observeRows)
  pending.addCallback(observePending)

  // Counted by type until they are visible: a counter is not called for each of a million.
  const counts = new Map<string, number>()
  let latest: string | undefined
  let isBroken = false
  const begun = new Map<string, number>()

  const observer: Observer = {
    onEvent({ type, headers: { timestamp } }) {
      counts.set(type, (counts.get(type) ?? 0) + 1)
      if (typeof timestamp === 'string') latest = timestamp
    },
    onInvalid: () => invalid.add(1, attributes),
    onChanges() {
      for (const [type, count] of counts) events.add(count, { ...attributes, 'streamdb.type': type })
      counts.clear()
      // What a load reads was written long ago.
      const written = latest === undefined || db.status.name !== 'live' ? NaN : Date.parse(latest)
      latest = undefined
      if (!Number.isNaN(written)) lag.record(Math.max(0, Date.now() - written) / 1000, attributes)
    },
    onStatus({ name }) {
      if (name === 'reconnecting' && !isBroken) reconnects.add(1, attributes)
      isBroken = name === 'reconnecting' || (isBroken && name === 'needs-auth')
    },
    onWrite({ txid, state }) {
      const start = begun.get(txid) ?? Date.now()
      if (state.name !== 'confirmed' && state.name !== 'failed') {
        begun.set(txid, start)
        return
      }
      begun.delete(txid)
      const outcome = { 'streamdb.outcome': state.name }
      duration.record((Date.now() - start) / 1000, { ...attributes, ...outcome })
    },
  }
  return {
    observer,
    end() {
      rows.removeCallback(observeRows)
      pending.removeCallback(observePending)
    },
  }
}
