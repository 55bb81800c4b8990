import type { Status } from './sync/status.ts'

/** The part of a database that starting it needs. */
export interface Startable {
  readonly status: Status
  readonly offset: string
  preload(): Promise<void>
}

/**
 * Makes a database read; a failure is in its status.
 *
 * A hydrated database that has not read yet starts when the page is idle: frameworks hydrate the boundaries of a page
 * one after the other, and each of them must find the rows that the server rendered.
 */
export function resumeWhenIdle(db: Startable): void {
  const start = (): void => void db.preload()
  // Absent in Safari and in Node.
  const { requestIdleCallback: whenIdle = afterDelay } = globalThis as Partial<IdleScheduler>
  if (isHydrated(db)) whenIdle(start, { timeout: 5_000 })
  else start()
}

/** Returns whether a database shows hydrated rows, and has not read by itself. */
export function isHydrated({ status, offset }: Pick<Startable, 'status' | 'offset'>): boolean {
  return status.name === 'idle' && offset !== '-1'
}

interface IdleScheduler {
  requestIdleCallback(run: () => void, options: { readonly timeout: number }): unknown
}

function afterDelay(run: () => void): unknown {
  return setTimeout(run, 200)
}
