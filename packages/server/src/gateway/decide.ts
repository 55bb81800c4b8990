import type { ChangeEvent, ControlEvent } from '@streamdb/state'
import type { CallResult } from '../actions/call-result.ts'
import type { Check, Stamp } from './checks.ts'
import { Draft } from './draft.ts'
import { Refusal } from './refusal.ts'
import { sizeOf } from './stored-row.ts'
import type { StreamLog } from './stream-log.ts'
import type { Principal } from './principal.ts'
import type { RequestedChange, WriteRequest } from './write-request.ts'

/** What decides about the writes of all streams. */
export interface Rules<User extends Principal> {
  /** One after the other, for each change. */
  readonly checks: readonly Check<User>[]
  readonly checkControl: (event: ControlEvent, user: User, stream: string) => Promise<Refusal | undefined>
  readonly stamp: Stamp<User>
  /** How large the rows of a stream may be together, in characters of JSON. */
  readonly streamBytes: number
}

/** What a request comes to, at one point of the log. */
export type Decided =
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** All of it is in the log already; of a call: with what is known of its result. */
  | { readonly type: 'stored'; readonly result?: CallResult | undefined }
  /** An action that has written nothing. */
  | { readonly type: 'nothing'; readonly result: CallResult }
  | {
      readonly type: 'append'
      readonly events: readonly (ChangeEvent | ControlEvent)[]
      readonly rows: Draft
      /** The changes among the events, as they were asked for. */
      readonly changes: readonly RequestedChange[]
      /** Of a call. */
      readonly result?: (CallResult & { readonly type: 'returned' }) | undefined
    }

/**
 * Decides about a request on the rows of a stream: each event in its turn, on the rows as the events before it leave them. One
 * that is refused refuses the request.
 *
 * Transactions that are in the log already are left out, and no rule is asked about them: the rows that a rule would see have
 * them.
 */
export async function decide<User extends Principal>(
  { events, user, stream, closes }: WriteRequest<User>,
  log: StreamLog,
  rules: Rules<User>,
): Promise<Decided> {
  const changes = events.flatMap((event) => (event.kind === 'change' ? [event] : []))
  const stored = storedTxids(changes, (txid, ids) => log.hasStored(txid, user.id, ids))
  const rows = new Draft(log.rows.top)
  const appended: (ChangeEvent | ControlEvent)[] = []
  for (const requested of events) {
    if (requested.kind === 'control') {
      const refusal = await rules.checkControl(requested.event, user, stream)
      if (refusal !== undefined) return { type: 'refused', refusal: refusal.at({ index: requested.index }) }
      rows.apply(requested.event)
      appended.push(requested.event)
      continue
    }
    const { index, event, row, txid } = requested
    if (txid !== undefined && stored.has(txid)) continue
    const before = rows.get(event.type, event.key)
    const candidate = { change: requested, user, stream, before, rows }
    for (const check of rules.checks) {
      const refusal = await check(candidate)
      if (refusal !== undefined) return { type: 'refused', refusal: refusal.at({ index, txid }) }
    }
    const stamped = rules.stamp(candidate)
    appended.push(stamped)
    rows.apply(stamped, toRow(stamped, event, row))
  }
  if (appended.length === 0 && !(closes && events.length === 0)) return { type: 'stored' }
  const isLarger = rows.size > 0 && log.rows.size + rows.size > rules.streamBytes
  return isLarger
    ? { type: 'refused', refusal: fullError(rules.streamBytes) }
    : { type: 'append', events: appended, rows, changes }
}

/** Returns the row that an event puts; nothing for a delete. */
export function toRow(
  stamped: ChangeEvent,
  requested: ChangeEvent,
  row: unknown,
): { value: unknown; headers: ChangeEvent['headers']; size: number } | undefined {
  const { headers, value } = stamped
  if (headers.operation === 'delete') return undefined
  const size = sizeOf(stamped)
  // What a stamp of the application has put in is read back from the log, as the schema returns it, before the next request.
  return { value: value === requested.value ? row : value, headers, size }
}

/** Returns the transactions of a request that the log has. */
function storedTxids(
  changes: readonly RequestedChange[],
  has: (txid: string, identities: readonly string[]) => boolean,
): ReadonlySet<string> {
  const byTxid = new Map<string, string[]>()
  for (const { txid, identity } of changes) {
    if (txid === undefined) continue
    const identities = byTxid.get(txid) ?? []
    identities.push(identity)
    byTxid.set(txid, identities)
  }
  return new Set([...byTxid].flatMap(([txid, identities]) => (has(txid, identities) ? [txid] : [])))
}

function fullError(streamBytes: number): Refusal {
  const message = `The stream is full: its rows have at most ${streamBytes} characters.`
  return new Refusal({ status: 413, code: 'stream-full', message })
}
