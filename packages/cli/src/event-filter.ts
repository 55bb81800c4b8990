import { isChangeEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'

/** Which events are asked for. */
export interface EventFilter {
  readonly type?: readonly string[] | undefined
  readonly key?: readonly string[] | undefined
}

/** Returns a function that tells whether an event is asked for. Controls have neither type nor key. */
export function createEventFilter({ type, key }: EventFilter): (event: StateEvent) => boolean {
  if (type === undefined && key === undefined) return () => true
  return (event) => {
    if (!isChangeEvent(event)) return false
    return (type === undefined || type.includes(event.type)) && (key === undefined || key.includes(event.key))
  }
}
