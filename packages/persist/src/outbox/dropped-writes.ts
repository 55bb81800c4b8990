import type { StoredError } from '@streamdb/log'

/** The name under which it is noted in the store which writes were dropped. */
export const DROPPED = 'dropped'

/** So many are noted: a tab that was frozen longer waits for the log in vain, and says `write-unknown`. */
const MOST = 100

/** Writes that were removed as refused, by txid: whoever misses one is not to take it as stored. */
export type DroppedWrites = ReadonlyMap<string, StoredError>

/** Returns what was noted of dropped writes. */
export function toDropped(note: unknown): DroppedWrites {
  // As it was noted, or nothing was.
  return new Map(Array.isArray(note) ? (note as readonly (readonly [string, StoredError])[]) : [])
}

/** Returns what is to be noted with one more. */
export function withDropped(dropped: DroppedWrites, txid: string, error: StoredError): DroppedWrites {
  return new Map([...dropped, [txid, error] as const].slice(-MOST))
}
