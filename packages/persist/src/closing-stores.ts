import type { StreamStore } from '@streamdb/log'

/** Streams that a closed database still saves: a database that opens one of them waits for that. */
const closing = new Map<string, Promise<unknown>>()
const names = new WeakMap<StreamStore, string>()
let last = 0

/** Takes note that a stream of a store is saved until `closed` resolves. */
export function noteClosing(store: StreamStore, id: string, closed: Promise<void>): void {
  const key = keyOf(store, id)
  const all = Promise.allSettled([closing.get(key), closed]).then(() => {
    if (closing.get(key) === all) closing.delete(key)
  })
  closing.set(key, all)
}

/** Resolves when no closed database saves this stream any more; `undefined` where none does so now. */
export function whenClosed(store: StreamStore, id: string): Promise<unknown> | undefined {
  return closing.get(keyOf(store, id))
}

function keyOf(store: StreamStore, id: string): string {
  // Stores of one name keep the same rows.
  let name = store.sharedAs === undefined ? names.get(store) : `shared ${store.sharedAs}`
  if (name === undefined) names.set(store, (name = `own ${last++}`))
  return `${name} ${id}`
}
