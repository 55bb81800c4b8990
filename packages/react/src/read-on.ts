import type { StreamDB } from '@streamdb/db'

/**
 * Has a database read; its failure is in its status.
 *
 * One that was hydrated, and has not read yet, begins when the page has nothing else to do: React hydrates the
 * boundaries of a page one after the other, and each is to find the rows that the server rendered.
 */
export function readOn(db: Pick<StreamDB<Record<never, never>>, 'status' | 'offset' | 'preload'>): void {
  const read = (): void => void db.preload()
  // Absent in some browsers.
  const { requestIdleCallback: whenIdle = later } = globalThis as Partial<typeof globalThis>
  if (db.status.name === 'idle' && db.offset !== '-1') whenIdle(read, { timeout: 5_000 })
  else read()
}

function later(run: () => void, _options: object): unknown {
  return setTimeout(run, 200)
}
