import { StreamDBError } from '@streamdb/log'
import { isSameValue } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'
import { resultHeader } from '../actions/call-result.ts'
import type { Stamp } from './checks.ts'
import type { Principal } from './principal.ts'

/** What an application's own stamp is given. */
export interface StampContext<User> {
  /** With `headers.principal` and `headers.time`. */
  readonly event: ChangeEvent
  readonly user: User
  /** RFC 3339, by the gateway's clock. */
  readonly time: string
  readonly row: unknown
}

/** Headers that the gateway alone writes, or that only a stream server may, and what was decided: what a
 * writer says there is dropped. */
const reserved = new Set(['principal', 'time', 'offset', 'request', 'txids', 'expect', resultHeader])

/** Returns what stamps events with the principal and the time. `own`: what the application does to them beside that. */
export function createStamp<User extends Principal>(
  own: ((context: StampContext<User>) => ChangeEvent) | undefined,
): Stamp<User> {
  return ({ change, user, before }) => {
    const time = new Date().toISOString()
    const event = withStamps(change.event, {
      txid: change.txid,
      principal: user.id,
      time,
      before: before?.value,
    })
    if (own === undefined) return event
    const stamped = own({ event, user, time, row: before?.value })
    assertSame(event, stamped)
    const isChanged = !isSameValue(stamped.value, event.value)
    // A repeated write is recognised by the requested value.
    const request = isChanged ? { request: change.identity } : {}
    return { ...stamped, headers: { ...stamped.headers, principal: user.id, ...request } }
  }
}

interface Stamps {
  readonly txid: string | undefined
  readonly principal: string
  readonly time: string
  readonly before: unknown
}

function withStamps(event: ChangeEvent, { txid, principal, time, before }: Stamps): ChangeEvent {
  const { type, key, value, old_value: old, headers } = event
  const kept = Object.entries(headers).filter(([name]) => !reserved.has(name))
  return {
    type,
    key,
    ...(value !== undefined && { value }),
    // Readers of `old_value` get the actual row, and not the writer's.
    ...(old !== undefined && before !== undefined && { old_value: before }),
    headers: {
      ...(Object.fromEntries(kept) as ChangeEvent['headers']), // with its operation, which is not reserved
      ...(txid !== undefined && { txid }),
      // The protocol's own words for it say the same, where a writer uses them.
      ...(headers.timestamp !== undefined && { timestamp: time }),
      ...(headers.from !== undefined && { from: principal }),
      ...{ principal, time },
    },
  }
}

/** Who may write what was decided about another event: a stamp adds to it. */
function assertSame(event: ChangeEvent, stamped: ChangeEvent): void {
  const { type, key, headers } = Object(stamped) as Partial<ChangeEvent> // whatever the application returned
  const { operation, txid } = headers ?? {}
  const isSame = type === event.type && key === event.key
  if (isSame && operation === event.headers.operation && txid === event.headers.txid) return
  const expected = `an event of the type "${event.type}" with the key, the operation and the txid that it was given`
  throw new StreamDBError(
    'callback-failed',
    `stamp: expected ${expected}, received ${JSON.stringify(stamped)}`,
  )
}
