import { isChangeEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { addValue, noShape } from './shape.ts'
import type { Shape } from './shape.ts'

/** What is known of the rows of one type. */
export interface RowType {
  readonly type: string
  readonly shape: Shape
  /** Fields that are always the key where they are: as a string, or as a number. */
  readonly keyFields: ReadonlyMap<string, KeyField>
  /** How many values are no objects: no row of a collection, unless all are. */
  readonly others: number
  /** What those have in common. */
  readonly bareShape: Shape
}

interface KeyField {
  readonly kind: 'string' | 'number'
  readonly count: number
}

/** Gathers what the events of a log have in common, type by type. */
export class RowTypes {
  readonly #types = new Map<
    string,
    { shape: Shape; keyFields: Map<string, KeyField | 'other'>; others: number; bareShape: Shape }
  >()

  add(event: StateEvent): void {
    if (!isChangeEvent(event) || event.headers.operation === 'delete') return
    const { type, key, value } = event
    const known = this.#types.get(type) ?? {
      shape: noShape(),
      keyFields: new Map<string, KeyField | 'other'>(),
      others: 0,
      bareShape: noShape(),
    }
    this.#types.set(type, known)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      known.others++
      addValue(known.bareShape, value, key)
      return
    }
    addValue(known.shape, value, key)
    for (const [name, field] of Object.entries(value)) {
      const before = known.keyFields.get(name)
      if (before === 'other') continue
      const kind =
        field === key ? 'string' : typeof field === 'number' && String(field) === key ? 'number' : undefined
      const isSame = kind !== undefined && (before === undefined || before.kind === kind)
      known.keyFields.set(name, isSame ? { kind, count: (before?.count ?? 0) + 1 } : 'other')
    }
  }

  /** Returns the types in the order in which they first came. */
  list(): RowType[] {
    return [...this.#types].map(([type, { shape, keyFields, others, bareShape }]) => {
      const always = [...keyFields].filter((entry): entry is [string, KeyField] => entry[1] !== 'other')
      return { type, shape, others, bareShape, keyFields: new Map(always) }
    })
  }
}
