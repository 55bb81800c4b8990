import { isOver } from './run-states.ts'
import type { Run } from './rows.ts'

/** The types of which a session that shows its end first reads the newest rows; all others are read whole. */
export const newestTypes: readonly [string, ...string[]] = ['message', 'part', 'delta', 'run', 'step']

/** How a compactor of sessions makes snapshots. */
export interface SessionSnapshots {
  readonly maxBody: number
  readonly pageRows: number
  readonly newest: {
    readonly of: readonly string[]
    readonly needs: (row: { readonly type: string; readonly value: unknown }) => boolean
  }
}

/**
 * Options for `createCompactor` of `@streamdb/server` that fit sessions: small pages, so that opening one reads little more than
 * its end, and beside them what is needed whole: questions and their decisions, branches, participants, and the runs that go on.
 *
 * @example
 * ```ts
 * import { createCompactor } from '@streamdb/server'
 *
 * const compactor = createCompactor({ source: url, ...sessionSnapshots })
 * ```
 */
export const sessionSnapshots: SessionSnapshots = {
  maxBody: 500_000,
  pageRows: 250,
  newest: {
    of: newestTypes,
    // What anybody has written is looked at, whatever it is.
    needs: ({ type, value }) => type === 'run' && isGoingOn(Object(value) as Partial<Run>),
  },
}

function isGoingOn({ status }: Partial<Run>): boolean {
  return typeof status === 'string' && !isOver({ status })
}
