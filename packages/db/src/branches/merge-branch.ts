import { createHttpTransport, StreamDBError } from '@streamdb/log'
import { versionHeader, withVersion } from '@streamdb/state'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import type { PastReading } from '../past/open-history.ts'
import { compareBranch } from './compare-branch.ts'
import type { CompareOptions, ComparedRow } from './compare-branch.ts'
import { rowOfEvent } from './row-of-event.ts'
import type { MergeOptions, MergeResult, Resolution } from './types.ts'

/** What merging works with. */
export interface MergingOptions extends CompareOptions {
  readonly reading: PastReading
  /** Resolves when a transaction is visible. */
  readonly awaitTxId: (txid: string) => Promise<void>
}

/**
 * Writes what a branch did to a database's stream, as one transaction. Its id names the state of the branch that is merged:
 * merging the same again writes nothing.
 */
export async function mergeBranch(
  options: MergingOptions,
  { resolve }: Pick<MergeOptions<StateDefinition>, 'resolve'>,
): Promise<MergeResult<StateDefinition>> {
  const { rows, txid, isMerged } = await compareBranch(options)
  const changed = isMerged ? [] : rows.filter(({ difference }) => difference.changedBy !== 'ours')
  if (changed.length === 0) return { type: 'unchanged' }
  const conflicting = changed.filter(({ difference }) => difference.changedBy === 'both')
  const conflicts = conflicting.map(({ difference }) => difference)
  if (conflicts.length > 0 && resolve === undefined) return { type: 'conflicts', conflicts }
  const events: ChangeEvent[] = []
  const timestamp = new Date().toISOString()
  for (const row of changed) {
    const isConflict = row.difference.changedBy === 'both'
    const decided =
      typeof resolve === 'function' ? (given: ComparedRow) => resolve(given.difference) : () => resolve
    const resolution = (isConflict ? decided(row) : undefined) ?? 'theirs'
    if (resolution !== 'ours') events.push(toEvent(row, resolution, { txid, timestamp }, options))
  }
  if (events.length > 0) {
    const { stream, options: given, times } = options.reading
    const { signal } = options
    const transport = createHttpTransport({ stream, streamOptions: given.streamOptions, times, signal })
    const body = events.map((event) => JSON.stringify(event)).join(',')
    await transport.append({ txid, body }).done
    await options.awaitTxId(txid)
  }
  return { type: 'merged', txid, rows: events.length, conflicts }
}

function toEvent(
  { type, theirs, difference: { key, collection } }: ComparedRow,
  resolution: Exclude<Resolution, 'ours'>,
  headers: { readonly txid: string; readonly timestamp: string },
  reading: MergingOptions,
): ChangeEvent {
  if (resolution === 'theirs') {
    if (theirs === undefined) return { type, key, headers: { operation: 'delete', ...headers } }
    const version = theirs.headers[versionHeader]
    const versioned = { ...headers, ...(version !== undefined && { [versionHeader]: version }) }
    return { type, key, value: theirs.value, headers: { operation: 'upsert', ...versioned } }
  }
  const { row } = resolution
  const { version } = reading.upgrade
  if (row === undefined)
    return { type, key, headers: withVersion({ operation: 'delete', ...headers }, version) }
  const event: ChangeEvent = {
    ...{ type, key, value: row },
    headers: withVersion({ operation: 'upsert', ...headers }, version),
  }
  if (rowOfEvent(event, reading) === undefined) {
    const what = `the row that resolves the conflict on "${key}" in "${collection}" is refused by its schema`
    throw new StreamDBError('invalid-write', `Cannot merge: ${what}`)
  }
  return event
}
