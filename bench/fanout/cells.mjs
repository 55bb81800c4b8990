/** More databases than these are measured by nobody in one process. */
const MOST_DATABASES = 1000

/**
 * Returns what is measured, one server each: readers of the log at every size; whole databases, and the least that a
 * reader can do, at some.
 * @param {{ engines: readonly string[], readers: readonly number[], kinds?: readonly string[] | undefined }} chosen
 * @returns {{ engine: string, kind: 'log' | 'db' | 'fetch', readers: number }[]}
 */
export function cellsOf({ engines, readers, kinds = ['log', 'db', 'fetch'] }) {
  const unknown = kinds.find((kind) => !['log', 'db', 'fetch'].includes(kind))
  if (unknown !== undefined) throw new Error(`There is no kind ${unknown}: log, db, fetch`)
  if (!readers.every((count) => Number.isInteger(count) && count > 0))
    throw new Error('--readers takes numbers, such as 1,100,1000')
  return engines.flatMap((engine) =>
    kinds.flatMap((kind) =>
      readers
        .filter((count) => kind === 'log' || (count >= 100 && count <= MOST_DATABASES) || kinds.length === 1)
        .map((count) => ({ engine, kind, readers: count })),
    ),
  )
}
