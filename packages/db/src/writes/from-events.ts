import { keyOf, StateIssue, upgradeEvent } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition, SchemaUpgrade } from '@streamdb/state'
import type { RestoredMutation } from '../collections/restore-transactions.ts'
import type { AnyCollection } from '../collections/types.ts'
import { rowOfValue } from './row-of-value.ts'

/** A collection, and what defines its rows. */
export interface DefinedCollection {
  readonly collection: AnyCollection
  readonly definition: CollectionDefinition
}

/**
 * Returns what events of an own transaction do to the rows of the collections, as `toEvents` wrote them. `byType`: the
 * collections by event type.
 *
 * Rows that a new version of the application refuses, or has no collection for, are left out: they are not shown, and
 * their events are sent as they are.
 */
export function fromEvents(
  events: readonly ChangeEvent[],
  byType: ReadonlyMap<string, DefinedCollection>,
  upgrade: SchemaUpgrade,
): RestoredMutation[] {
  const mutations: RestoredMutation[] = []
  for (const event of events) {
    const defined = byType.get(event.type)
    const current = upgradeEvent(event, upgrade)
    const mutation = defined && !(current instanceof StateIssue) ? toMutation(current, defined) : undefined
    if (mutation !== undefined) mutations.push(mutation)
  }
  return mutations
}

function toMutation(
  event: ChangeEvent,
  { collection, definition }: DefinedCollection,
): RestoredMutation | undefined {
  const { operation } = event.headers
  const before =
    event.old_value === undefined ? undefined : rowOfValue(event.key, event.old_value, definition)
  const after = operation === 'delete' ? undefined : rowOfValue(event.key, event.value, definition)
  if (operation !== 'delete' && after === undefined) return undefined
  const type = operation === 'delete' ? 'delete' : before === undefined ? 'insert' : 'update'
  const row = after ?? before
  // Rows that keep their own keys have others than their events.
  const key = (row && keyOf(row, definition.primaryKey)) ?? event.key
  return { collection, key, type, before: before ?? (type === 'delete' ? {} : undefined), after }
}
