import type { ChangeEvent } from '@streamdb/state'
import type { SessionDB } from './session-db.ts'
import { sessionState } from './session-state.ts'

/** How many deltas are swept by one append. */
const groupSize = 500

/** Yields the events that delete deltas, in groups: each is one append. */
export function* sweepEvents(keys: readonly string[]): Generator<ChangeEvent[], void> {
  for (let from = 0; from < keys.length; from += groupSize) {
    yield keys.slice(from, from + groupSize).map((key) => sessionState.deltas.delete({ key }))
  }
}

/** Returns the keys of the deltas of parts, as far as the log has them. */
export function deltaKeysOf({ collections }: SessionDB, parts: ReadonlySet<string>): string[] {
  const keys = [...collections.deltas.keys()].map(String)
  return keys.filter((key) => parts.has(key.slice(0, key.lastIndexOf(':'))))
}
