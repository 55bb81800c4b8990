import { start } from '@streamdb/log'
import type { Changes } from '@streamdb/state'
import { Ingest } from './ingest.ts'
import type { IngestParts } from './ingest-parts.ts'

const silent: IngestParts['observers'] = { event: () => undefined, want: () => false }

/**
 * Returns what folds rows of an earlier state, as `Ingest` folds a log: migrated, validated, invalid ones counted. They are
 * no new events: `onEvent` is not called for them.
 */
export function createOlderFold(
  parts: IngestParts,
  offsetOf: () => string,
): (items: readonly unknown[]) => Changes {
  let ingest: Ingest | undefined
  return (items) => {
    ingest ??= new Ingest({ ...parts, observers: silent })
    const end = { complete: true, upToDate: true, closed: false, bytes: 0 }
    ingest.ingest({ items, first: 0, from: start, offset: offsetOf(), ...end })
    return ingest.takeChanges()
  }
}
