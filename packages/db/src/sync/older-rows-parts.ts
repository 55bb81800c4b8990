import type { NewestRows, RestartReason, Scheduler } from '@streamdb/log'
import type { Changes } from '@streamdb/state'
import type { Observers } from '../observe.ts'
import type { Reporter } from '../report.ts'

/** The option `load`, as it was checked. */
export interface LoadPlan {
  readonly newest: NewestRows
  readonly rest: 'background' | 'on-request'
}

/** What loading older rows works with. */
export interface OlderRowsParts {
  readonly plan: LoadPlan | undefined
  /** Folds rows of the state at an earlier offset, as those of a log: validated, and counted where they are invalid. */
  readonly fold: (items: readonly unknown[]) => Changes
  /** Makes rows visible as one change; waits until nothing else is being applied. `changes` is asked for right then. */
  readonly apply: (changes: () => Changes) => Promise<void>
  /** Reads the log, or a snapshot of it, from the beginning and whole. */
  readonly restart: (reason: RestartReason) => void
  /** Returns how many rows of a type are visible. */
  readonly countOf: (type: string) => number
  /** Resolves when the log is read to its end the next time. */
  readonly whenRead: () => Promise<void>
  readonly onChange: () => void
  readonly observers: Pick<Observers, 'olderRows' | 'want'>
  readonly reporter: Reporter
  readonly scheduler: Pick<Scheduler, 'yieldIfDue'>
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}
