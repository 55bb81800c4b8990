import type { EventStore } from './event-store.ts'
import type { LoggedWrite, WriteConflict } from './writes-log.ts'

/** How far back a foreign change of a row is looked for. */
const lookBehind = 20_000

/**
 * Finds the rows of an own event that others had changed between the write and the log: the event before it of the same row is
 * of another transaction, and came after the write began.
 */
export function findConflict(
  store: EventStore,
  number: number,
  write: LoggedWrite,
): WriteConflict | undefined {
  const row = store.rowOf(number)
  const { type, key } = store.rows.name(row)
  const written = write.rows.find((each) => each.type === type && each.key === key)
  // Who inserts a row, or deletes it, bases nothing on what it was.
  if (row === 0 || written?.operation !== 'update') return undefined
  const began = write.steps[0]?.time ?? 0
  for (let before = number - 1; before >= Math.max(store.first, number - lookBehind); before--) {
    if (store.rowOf(before) !== row) continue
    const theirs = store.get(before)
    if (theirs === undefined || theirs.isOwn || theirs.isInvalid || theirs.batch.time < began)
      return undefined
    return {
      ...{ txid: write.txid, type, key, theirEvent: before, base: written.before },
      time: store.get(number)?.batch.time ?? began,
      theirs: valueOf(theirs.item),
      ours: valueOf(store.get(number)?.item),
    }
  }
  return undefined
}

function valueOf(item: unknown): unknown {
  // An event, as its row has a number.
  return (item as { readonly value?: unknown } | undefined)?.value
}
