import type { InspectorModel } from '../model/inspector-model.ts'
import type { NamedCollection } from './inspected-database.ts'

/** An event to be written, or a row to be edited, as a user of the inspector asks for it. */
export interface RowEdit {
  readonly type: string
  readonly key: string
  readonly operation: 'insert' | 'update' | 'delete'
  /** The whole row; absent for a delete. */
  readonly value?: unknown
}

/** What the inspector shows, and what it can do with it: of a database, of a log by its URL, or of a file. */
export interface InspectorSource {
  readonly kind: 'database' | 'stream' | 'file'
  readonly model: InspectorModel
  /** The stream's URL, or the file's name. */
  readonly name: string
  /** Writes an edit as an event; absent where edits are not allowed, or there is nothing to write to. */
  readonly edit?: ((edit: RowEdit) => Promise<void>) | undefined
  /** Tries again at once what waits to be tried again. */
  readonly retry?: (() => void) | undefined
  /** Facts of a database alone. */
  readonly database?: DatabaseFacts | undefined
  /** Stops what it began. */
  readonly close: () => void
}

/** A kept write of `db.outbox`. */
export interface OutboxFact {
  readonly txid: string
  readonly action: string | undefined
  readonly state: string
  readonly attempts: number
  readonly createdAt: number
  readonly events: number
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** A live query that a component shows. */
export interface QueryFact {
  readonly id: string
  readonly status: string
  readonly rows: number
  readonly subscribers: number
  /** The collections of this database that it reads. */
  readonly sources: readonly string[]
  /** When it was shown first, in milliseconds since the epoch. */
  readonly since: number
  /** How long after that it was ready, in milliseconds. */
  readonly readyAfter: number | undefined
}

/** What only a database knows; asked for when it is shown. */
export interface DatabaseFacts {
  readonly collections: readonly NamedCollection[]
  /** Calls `run` when any of these facts may have changed; returns what ends it. */
  readonly subscribe: (run: () => void) => () => void
  /** The live queries that components show, and that read this database. */
  readonly queries: () => readonly QueryFact[]
  readonly outbox: () => readonly OutboxFact[] | undefined
  readonly retryWrite: (txid: string) => void
  readonly discardWrite: (txid: string) => void
  /** Which part this tab has, in words; absent where nothing is shared or stored. */
  readonly tabs: () => { readonly role: string; readonly detail?: string | undefined } | undefined
  readonly storage: () => { readonly name: string; readonly savedAt?: number | undefined } | undefined
  /** Where the visible rows end. */
  readonly offset: () => string
  /** Rows that a write of this client shows and the log has not: by type and key. */
  readonly overlay: () => ReadonlyMap<string, ReadonlyMap<string, unknown>>
}
