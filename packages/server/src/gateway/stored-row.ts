import type { ChangeHeaders } from '@streamdb/state'

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
