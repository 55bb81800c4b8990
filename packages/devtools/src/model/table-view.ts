import type { InspectorModel } from './inspector-model.ts'

/** By which column a table is sorted, and which way. */
export interface TableSort {
  readonly column: string
  readonly isDescending: boolean
}

/** A table of the rows of a type, at a point of the log. */
export interface TableView {
  /** The fields that rows have, the most frequent first; '' for values that are no objects. */
  readonly columns: readonly string[]
  /** The numbers of the rows, sorted. */
  readonly rows: Uint32Array
  /** Returns a row by its place in the table: its key, and its value as the log has it. */
  readonly row: (index: number) => { readonly key: string; readonly value: unknown } | undefined
}

/** Columns are found in so many rows. */
const sampled = 200
const mostColumns = 40

/**
 * Returns a table. Sorting parses every row once: about a microsecond each. `key` is a column too, and the order without a
 * sort is that in which the rows were first met.
 */
export function tableView(
  model: InspectorModel,
  type: string,
  { position, sort }: { readonly position?: number | undefined; readonly sort?: TableSort | undefined } = {},
): TableView {
  const at = model.rowsAt(position)
  const { rows: names } = model.store
  let rows = at.rowsOf(type)
  if (sort !== undefined)
    rows = sorted(rows, sort, (row) => fieldOf(at.value(row), names.name(row).key, sort.column))
  const columns = columnsOf(Array.from(rows.subarray(0, sampled), (row) => at.value(row)))
  return {
    columns,
    rows,
    // The state of the log is valid until the next call: each looks by its own.
    row(index) {
      const row = rows[index]
      return row === undefined
        ? undefined
        : { key: names.name(row).key, value: model.rowsAt(position).value(row) }
    },
  }
}

/** What stands in a cell: a field, the key of the row, or the value where that is no object. */
export function fieldOf(value: unknown, key: string, column: string): unknown {
  if (column === keyColumn) return key
  if (!isRecord(value)) return column === '' ? value : undefined
  return value[column]
}

/** The column of the key: no field has this name by accident. */
export const keyColumn = '\u0000key'

function columnsOf(values: readonly unknown[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const value of values) {
    for (const name of isRecord(value) ? Object.keys(value) : [''])
      counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  // As the first rows have them: a field that few have stands last.
  return [...counts]
    .sort(([, one], [, other]) => Number(other * 4 >= values.length) - Number(one * 4 >= values.length))
    .map(([name]) => name)
    .slice(0, mostColumns)
}

function sorted(rows: Uint32Array, sort: TableSort, cellOf: (row: number) => unknown): Uint32Array {
  const cells = Array.from(rows, (row) => ({ row, cell: cellOf(row) }))
  const sign = sort.isDescending ? -1 : 1
  cells.sort((one, other) => sign * compareCells(one.cell, other.cell))
  return Uint32Array.from(cells, ({ row }) => row)
}

const collator = new Intl.Collator('en', { numeric: true })

/** Compares numbers as numbers, and everything else as text; what is absent comes last. */
export function compareCells(one: unknown, other: unknown): number {
  if (one === other) return 0
  if (one === undefined) return 1
  if (other === undefined) return -1
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(textOf(one), textOf(other))
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
