import { isSameValue, keyOf } from '@streamdb/state'
import type { CollectionDefinition, StandardSchema } from '@streamdb/state'

/** How many keys of a definition are remembered; the oldest are forgotten. */
const capacity = 1_000_000

/** How many rows of a key are remembered: as the log has it, as pending writes made it, and as it was before. */
const rowsOfAKey = 4

/** A row as the schema returned it, and the value that it was made of: as it is stored in the log. */
interface StoredRow {
  readonly row: Readonly<Record<string, unknown>>
  readonly value: Readonly<Record<string, unknown>>
}

/**
 * The stored forms of rows whose schema returns something else than it takes, as `z.string().transform(toDate)` does.
 *
 * An update or a restored row holds what the schema returned, which the schema may not take again. What is written is the
 * stored form of every field that is as it was (SPEC F-real-17).
 */
export class StoredForms {
  readonly #primaryKey: string
  // By the row's primary key, newest first. A row of its own would be no key: TanStack copies rows.
  readonly #byKey = new Map<string, readonly StoredRow[]>()

  constructor(primaryKey: string) {
    this.#primaryKey = primaryKey
  }

  /** Remembers what `row` was made of, where that is something else. */
  note(row: unknown, value: unknown): void {
    if (row === value || !isRecord(row) || !isRecord(value) || !differs(row, value)) return
    const key = keyOf(row, this.#primaryKey)
    if (key === undefined) return
    const others = (this.#byKey.get(key) ?? []).filter((each) => !isSameValue(each.row, row))
    // The last of a Map is the newest.
    this.#byKey.delete(key)
    this.#byKey.set(key, [{ row, value }, ...others.slice(0, rowsOfAKey - 1)])
    if (this.#byKey.size <= capacity) return
    for (const oldest of this.#byKey.keys()) return void this.#byKey.delete(oldest)
  }

  /** Returns a row with the stored form of every field that is as one was; the row itself where there is none. */
  restore<Row>(row: Row): Row {
    if (this.#byKey.size === 0 || !isRecord(row)) return row
    const known = this.#byKey.get(keyOf(row, this.#primaryKey) ?? '')
    if (known === undefined) return row
    const restored: Record<string, unknown> = { ...row }
    for (const field of Object.keys(row)) {
      const stored = known.find(
        (each) => Object.hasOwn(each.value, field) && isSameValue(each.row[field], row[field]),
      )
      if (stored !== undefined) restored[field] = stored.value[field]
    }
    return restored as Row // the same fields, as its schema takes them
  }
}

const formsOf = new WeakMap<CollectionDefinition, { readonly forms: StoredForms | undefined }>()

/** Returns the stored forms of a definition's rows; `undefined` where its schema surely returns what it takes. */
export function storedFormsOf(definition: CollectionDefinition): StoredForms | undefined {
  let known = formsOf.get(definition)
  if (known === undefined) {
    const forms = returnsItsInput(definition.schema) ? undefined : new StoredForms(definition.primaryKey)
    formsOf.set(definition, (known = { forms }))
  }
  return known.forms
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a field that both have is another one: a default that was filled in is none, as the schema takes it. */
function differs(row: StoredRow['row'], value: StoredRow['value']): boolean {
  for (const field of Object.keys(value)) if (!isSameValue(row[field], value[field])) return true
  return false
}

/** What is known of a zod schema; each part may be absent in another version. */
interface ZodParts {
  readonly _zod?: { readonly def?: ZodDefinition }
}

interface ZodDefinition {
  readonly type?: unknown
  readonly shape?: unknown
  readonly element?: unknown
  readonly innerType?: unknown
  readonly options?: unknown
  readonly checks?: readonly { readonly _zod?: { readonly def?: { readonly check?: unknown } } }[]
}

const plainTypes = /^(string|number|int|boolean|null|undefined|literal|enum|any|unknown|never)$/
const wrappers = /^(optional|nullable|default|prefault|nonoptional|readonly)$/

/** Tells whether a schema surely returns what it takes, but for defaults: zod's plain types, and objects of those. */
function returnsItsInput(schema: StandardSchema): boolean {
  return schema['~standard'].vendor === 'zod' && isPlain(schema)
}

function isPlain(schema: unknown): boolean {
  const {
    type,
    shape,
    element,
    innerType,
    options,
    checks = [],
  } = (Object(schema) as ZodParts)._zod?.def ?? {}
  if (checks.some((check) => check._zod?.def?.check === 'overwrite')) return false
  const kind = String(type)
  if (plainTypes.test(kind)) return true
  if (wrappers.test(kind)) return isPlain(innerType)
  if (kind === 'array') return isPlain(element)
  if (kind === 'object') return Object.values(Object(shape) as object).every(isPlain)
  return kind === 'union' && Array.isArray(options) && options.every(isPlain)
}
