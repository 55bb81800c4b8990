import { decodeStateEvent } from './decode.ts'
import { StateError } from './errors.ts'
import type { StateEvent } from './events.ts'
import { fold, noChanges, takeChanges } from './fold.ts'
import { StateIssue } from './issue.ts'

/**
 * Materialises a log into plain Maps: the last value of every key of every type, values kept as they are.
 *
 * It takes the events of a log in order, in batches of any size. Control events count too: a `reset` clears, a
 * snapshot replaces everything when it ends.
 *
 * @example
 * ```ts
 * const state = new MaterializedState()
 * state.apply({ type: 'user', key: '1', value: { name: 'Ada' }, headers: { operation: 'insert' } })
 * state.get('user', '1') // { name: 'Ada' }
 * ```
 */
export class MaterializedState {
  readonly #rows = new Map<string, Map<string, unknown>>()
  readonly #changes = noChanges()

  /** Applies one event; throws `invalid-event` if it is not a valid event, and changes nothing then. */
  apply(event: StateEvent): void {
    this.applyBatch([event])
  }

  /** Applies events in order; throws `invalid-event` if one is not a valid event, and applies nothing of the batch then. */
  applyBatch(events: Iterable<StateEvent>): void {
    const batch = [...events]
    for (const event of batch) {
      const decoded = decodeStateEvent(event)
      if (decoded instanceof StateIssue) throw new StateError('invalid-event', decoded.message)
    }
    fold(batch, this.#changes)
    const { rows: touched, replaces } = takeChanges(this.#changes)
    if (replaces) this.#rows.clear()
    for (const [type, keys] of touched) {
      const rows = this.#rows.get(type) ?? new Map<string, unknown>()
      for (const [key, row] of keys) {
        if (row === undefined) rows.delete(key)
        else rows.set(key, row)
      }
      if (rows.size === 0) this.#rows.delete(type)
      else this.#rows.set(type, rows)
    }
  }

  /** Returns the value of a key, or `undefined` where there is none. */
  get<Value = unknown>(type: string, key: string): Value | undefined {
    // The log does not say what a type's values are; the caller does.
    return this.#rows.get(type)?.get(key) as Value | undefined
  }

  /** Returns a copy of all values of a type by key, in no particular order; empty for an unknown type. */
  getType<Value = unknown>(type: string): Map<string, Value> {
    // As in `get`.
    return new Map(this.#rows.get(type)) as Map<string, Value>
  }

  /** Forgets everything, an unfinished snapshot too. */
  clear(): void {
    this.#rows.clear()
    this.#changes.snapshot = undefined
  }

  /** How many types have at least one row. */
  get typeCount(): number {
    return this.#rows.size
  }

  /** The types that have at least one row, in no particular order. */
  get types(): string[] {
    return [...this.#rows.keys()]
  }
}
