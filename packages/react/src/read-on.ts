import type { StreamDB } from '@streamdb/db'

/**
 * Has a database read; its failure is in its status.
 *
 * One that was hydrated begins when the page has nothing else to do: React hydrates the boundaries of a page one after
 * the other, and each is to find the rows that the server rendered.
 */
export function readOn(db: Pick<StreamDB<Record<never, never>>, 'offset' | 'preload'>): void {
  const read = (): void => void db.preload()
  const { requestIdleCallback: whenIdle } = globalThis as Partial<typeof globalThis> // absent in some browsers
  if (db.offset === '-1') read()
  else if (whenIdle) whenIdle(read, { timeout: 5_000 })
  else setTimeout(read, 200)
}
