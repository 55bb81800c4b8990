import type { HistoryPoint } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { RowOf } from '../collections/types.ts'

/** How a database is forked. */
export interface ForkOptions {
  /** An offset of its log, or a time. Default: what is visible. */
  readonly at?: HistoryPoint | undefined
  /**
   * The branch's URL, on the same server; a relative one is resolved against the stream's. Default: a new one beside the
   * stream's. With the URL and the offset (`at`) of an existing branch, that branch is opened again.
   */
  readonly url?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where a branch leaves its source. */
export interface ForkedFrom {
  /** The source's URL. */
  readonly url: string
  /** The last offset that both have. */
  readonly offset: string
}

/** A row that differs between a database and its branch, or was changed by one of them. */
export type BranchDifference<Definitions extends StateDefinition> = {
  [Name in keyof Definitions & string]: RowDifferenceOf<Name, RowOf<Definitions[Name]>>
}[keyof Definitions & string]

/** How one row differs; `undefined` stands for no row. */
export interface RowDifferenceOf<Name extends string, Row> {
  readonly collection: Name
  readonly key: string
  /** The row where the branch was made, or was last merged. */
  readonly base: Row | undefined
  /** The row in the database, and in the branch. */
  readonly ours: Row | undefined
  readonly theirs: Row | undefined
  /** Who changed it since. Where both did, merging it is a conflict. */
  readonly changedBy: 'ours' | 'theirs' | 'both'
  /** What the branch did to it, as seen from the database: what merging it would do. */
  readonly change: 'inserted' | 'updated' | 'deleted'
  /** The fields that differ, if both have a row. */
  readonly fields?: readonly string[] | undefined
}

/** What becomes of a conflict: the database's row, the branch's, or another one; `undefined` deletes it. */
export type Resolution<Row = object> = 'ours' | 'theirs' | { readonly row: Row | undefined }

/** How a branch is merged. */
export interface MergeOptions<Definitions extends StateDefinition> {
  /** Decides the rows that both have changed. Without it, nothing is merged where there are any. */
  readonly resolve?: 'ours' | 'theirs' | ((conflict: BranchDifference<Definitions>) => Resolution) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What merging came to. */
export type MergeResult<Definitions extends StateDefinition> =
  /** Written as one transaction, and visible. `rows`: how many. `conflicts`: those that were resolved. */
  | {
      readonly type: 'merged'
      readonly txid: string
      readonly rows: number
      readonly conflicts: readonly BranchDifference<Definitions>[]
    }
  /** Both have changed these rows, and `resolve` does not decide them: nothing was written. */
  | { readonly type: 'conflicts'; readonly conflicts: readonly BranchDifference<Definitions>[] }
  /** The branch has nothing that was not merged before. */
  | { readonly type: 'unchanged' }
