import type { ResolvedAgentOptions } from './agent-options.ts'
import type { Work } from './work.ts'

/** What waits in a branch, and what the agent does there. */
export interface Lane {
  readonly works: readonly [Work, ...Work[]]
  /** A run of the agent works in the branch, in this process or in another. */
  readonly isBusy: boolean
  /** For how long nothing new has come, in milliseconds. */
  readonly quietFor: number
}

/** What to do in a branch now. */
export type Plan =
  | { readonly type: 'wait' }
  /** End the run that is going on: one for the newest message follows. */
  | { readonly type: 'supersede' }
  | { readonly type: 'start'; readonly works: readonly [Work, ...Work[]] }
  /** They get no answer. */
  | { readonly type: 'skip'; readonly works: readonly [Work, ...Work[]] }

/** Returns what to do with work that waits, by the agent's concurrency. */
export function plan(
  { concurrency, debounce }: Pick<ResolvedAgentOptions, 'concurrency' | 'debounce'>,
  { works, isBusy, quietFor }: Lane,
): Plan {
  switch (concurrency) {
    case 'queue':
      return isBusy ? { type: 'wait' } : { type: 'start', works: [works[0]] }
    case 'latest':
      return isBusy ? { type: 'supersede' } : { type: 'start', works }
    case 'merge':
      return isBusy ? { type: 'wait' } : { type: 'start', works }
    case 'drop':
      return isBusy ? { type: 'skip', works } : { type: 'start', works }
    case 'debounce':
      return isBusy || quietFor < debounce ? { type: 'wait' } : { type: 'start', works }
  }
}
