/** A row without what TanStack adds to it. */
export function plain(row: object | undefined): unknown {
  if (row === undefined) return undefined
  return Object.fromEntries(Object.entries(row).filter(([field]) => !field.startsWith('$')))
}

/** All rows of a collection, plain, by key. */
export function rowsOf(collection: { entries(): Iterable<readonly [string | number, object]> }): unknown {
  return Object.fromEntries([...collection.entries()].map(([key, row]) => [key, plain(row)]))
}

/** What `subscribeChanges` of a collection published, one sorted list a publication, as `insert u1`. */
export function publicationsOf(collection: {
  subscribeChanges(
    listener: (changes: readonly { type: string; key: string | number }[]) => void,
    options: { includeInitialState: false },
  ): unknown
}): string[][] {
  const publications: string[][] = []
  collection.subscribeChanges(
    (changes) => {
      // TanStack says that a collection is ready by a call without changes.
      if (changes.length > 0)
        publications.push(changes.map(({ type, key }) => `${type} ${String(key)}`).sort())
    },
    // Without it, changes of rows that are there already are told as inserts, or not at all.
    { includeInitialState: false },
  )
  return publications
}
