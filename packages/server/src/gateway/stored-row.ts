import type { ChangeEvent, ChangeHeaders } from '@streamdb/state'

/** A row in the memory of a gateway. */
export interface StoredRow {
  /** What its event carries, as the schema returned it. */
  readonly value: unknown
  /** Of the event that wrote it last. */
  readonly headers: ChangeHeaders
  /** How large it is, in characters of JSON. */
  readonly size: number
}

/** Rows that can be read. */
export interface RowSource {
  get(type: string, key: string): StoredRow | undefined
  /** Of a type. */
  entries(type: string): Iterable<[key: string, row: StoredRow]>
}

/** Characters of a key and of headers that every row may have: a key, and what the gateway stamps. */
const ordinary = 256

/**
 * Returns the size of the row that an event puts: its value, and its key and headers beyond the usual ones, which the writer
 * determines as well, and which are stored as long.
 */
export function sizeOf({ key, value, headers }: Pick<ChangeEvent, 'key' | 'value' | 'headers'>): number {
  const beside = key.length + JSON.stringify(headers).length
  return (JSON.stringify(value)?.length ?? 0) + Math.max(0, beside - ordinary)
}
