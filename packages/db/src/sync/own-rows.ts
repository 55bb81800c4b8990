import type { ChangeEvent, CollectionDefinition, StateDefinition } from '@streamdb/state'
import { makesNewRows } from './makes-new-rows.ts'

/** What is known of the rows of one collection. */
interface RowKind {
  readonly makesNew: boolean
  readonly copy: RowCopier
}

/** Makes the rows that are kept of what schemas return: they take little memory, and no object of an event is among them. */
export class OwnRows {
  readonly #kinds = new Map<CollectionDefinition, RowKind>()

  constructor(state: StateDefinition) {
    for (const definition of Object.values(state))
      this.#kinds.set(definition, { makesNew: makesNewRows(definition.schema), copy: rowCopier() })
  }

  /**
   * Returns the row of what a schema made of an event. The event belongs to its observers: what they do to its fields is not
   * to change the row, and nothing is done to the event (SPEC C2, F-real-11, F-real-51). What is neither the event's nor
   * surely new stays as it is: it may be the schema's own.
   */
  of(output: object, event: ChangeEvent, definition: CollectionDefinition): object {
    const kind = this.#kinds.get(definition)
    const isInput = output === event.value
    if (kind === undefined || !(isInput || kind.makesNew)) return output
    const row = kind.copy(output) ?? (isInput ? { ...output } : output)
    // TanStack spreads every row. Node 20 gives a spread of an extensible object a hidden class of its own: 5 us and
    // 470 B a row, against 0.1 us and 130 B (bench, inserts: CPU by a quarter).
    return Object.preventExtensions(row)
  }
}

/** Copies a row; `undefined` where the copy would have no better room. */
type RowCopier = (row: object) => object | undefined

/** What copies the fields of rows, as its prototype is that of plain objects. */
type RowConstructor = new (row: Readonly<Record<string, unknown>>, fields: readonly string[]) => object

/**
 * Up to how many fields a row is copied by a constructor. V8 makes a hash table of an object that was given more than 12
 * fields beside its own room by assignments to computed names: a row of 24 fields took 1,350 B in place of 270, and six times
 * as long to read.
 */
const FEW_FIELDS = 12

/**
 * Returns a function that copies rows of one shape into plain objects that have room for their fields.
 *
 * V8 gives an object that begins as `{}`, as those of zod and valibot do, room for four fields, and keeps the others in an
 * array beside it: 33 B a row of five (bench, demand-load). An object of a constructor has as much room as the first ones of
 * that constructor needed; and no hidden class of its own, as copies by a spread have on Node 20 (400 B a row of 12).
 */
function rowCopier(): RowCopier {
  function Row(
    this: Record<string, unknown>,
    row: Readonly<Record<string, unknown>>,
    fields: readonly string[],
  ): void {
    for (const field of fields) this[field] = row[field]
  }
  Row.prototype = Object.prototype
  const PlainRow = Row as unknown as RowConstructor // TypeScript has no type for a function that is called with `new`
  return (row) => {
    const fields = Object.keys(row)
    // Put by an assignment, `__proto__` would be the prototype.
    if (fields.length > FEW_FIELDS || Object.hasOwn(row, '__proto__')) return undefined
    try {
      return new PlainRow(row as Readonly<Record<string, unknown>>, fields) // any object is one
    } catch {
      // In an application that freezes `Object.prototype` a field such as `constructor` cannot be assigned.
      return undefined
    }
  }
}
