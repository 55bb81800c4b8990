import { isSameValue } from '@streamdb/state'
import { isChange } from './event-block.ts'
import type { EventStore, StoredEvent } from './event-store.ts'
import { whoWrote } from './who-wrote.ts'

/** How a field changed. */
export interface FieldChange {
  readonly field: string
  /** Absent where the field was not there. */
  readonly before?: unknown
  /** Absent where it is not there any more. */
  readonly after?: unknown
}

/** An event of a row, and what it changed. */
export interface RowChange {
  readonly event: StoredEvent
  /** The row behind it; nothing where there is none. */
  readonly value: unknown
  readonly fields: readonly FieldChange[]
  /** Who wrote it, where the event says so. */
  readonly who: string | undefined
}

/** Returns the events of a row in their order, with what each changed. Invalid ones are among them, and change nothing. */
export function rowChanges(store: EventStore, type: string, key: string): readonly RowChange[] {
  const row = store.rows.find(type, key)
  if (row === 0) return []
  const changes: RowChange[] = []
  let value: unknown
  for (let number = store.first; number < store.end; number++) {
    if (store.rowOf(number) !== row) continue
    const event = store.get(number)
    if (event === undefined) continue
    const next = isChange(store.effectOf(number)) ? valueOf(event) : value
    changes.push({ event, value: next, fields: changedFields(value, next), who: whoWrote(event.item) })
    value = next
  }
  return changes
}

/** Returns, by field, the last change of it. */
export function lastChanges(changes: readonly RowChange[]): ReadonlyMap<string, RowChange> {
  const found = new Map<string, RowChange>()
  for (const change of changes) for (const { field } of change.fields) found.set(field, change)
  return found
}

/** Returns the fields in which two rows differ; a value that is no object is a field without a name. */
export function changedFields(before: unknown, after: unknown): readonly FieldChange[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  const names = new Set([...old.keys(), ...now.keys()])
  return [...names].flatMap((field) => {
    if (old.has(field) && now.has(field) && isSameValue(old.get(field), now.get(field))) return []
    return {
      field,
      ...(old.has(field) && { before: old.get(field) }),
      ...(now.has(field) && { after: now.get(field) }),
    }
  })
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  if (value === undefined) return new Map()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([['', value]])
  return new Map(Object.entries(value))
}

function valueOf({ effect, item }: StoredEvent): unknown {
  // A change that is valid has a value, but for a delete.
  return effect === 'delete' ? undefined : (item as { readonly value?: unknown }).value
}
