import { BTreeIndex, createCollection } from '@tanstack/db'
import { open as openMaps } from './maps.mjs'

/** Opens TanStack DB with nothing in it but the rows that the selective query needs: what it takes for these alone. */
export function open(task) {
  const { collections: all, load, close } = openMaps(task)
  let sink
  const items = createCollection({
    id: 'items',
    getKey: ({ id }) => id,
    gcTime: 0,
    startSync: true,
    autoIndex: 'eager',
    defaultIndexType: BTreeIndex,
    sync: { rowUpdateMode: 'full', sync: (parts) => void (sink = parts) },
  })
  return {
    collections: { items },
    sizeOf: () => all.items.size,
    close,
    async load() {
      await load()
      sink.begin()
      for (const value of all.items.values()) {
        if (value.owner === 'owner-0007' || value.owner === 'owner-0008')
          sink.write({ type: 'insert', value })
      }
      sink.commit()
      sink.markReady()
    },
  }
}
