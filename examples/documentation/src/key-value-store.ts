// A key/value store on a stream: everybody who opens it has the same values, live. The whole of it is here.

import { createStateSchema, createStreamDB, keyValue } from '@streamdb/db'
import { z } from 'zod'

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])
export type StoredValue = z.infer<typeof value>

/** In the log: `{ "type": "config", "key": "theme", "value": "dark", "headers": { "operation": "insert" } }`. */
export const storeState = createStateSchema({ config: keyValue({ schema: value, type: 'config' }) })

/** Values by their keys, shared by everybody who opens the same stream. */
export interface Store {
  get(key: string): StoredValue | undefined
  /** Shows the value at once; resolves when it is in the log, and rejects, with the old value back, where it was refused. */
  set(key: string, value: StoredValue): Promise<void>
  delete(key: string): Promise<void>
  entries(): [key: string, value: StoredValue][]
  /** Calls `run` after every change, of whoever makes it; returns what ends that. */
  subscribe(run: () => void): () => void
  close(): void
}

/** Opens the store of a stream; resolves when every value is there. */
export async function openStore(streamOptions: {
  readonly url: string
  readonly fetch?: typeof fetch
}): Promise<Store> {
  const db = createStreamDB({ streamOptions, state: storeState, onMissing: 'create' })
  const { config } = db.collections
  await db.preload()

  return {
    get: (key) => config.get(key)?.value,
    async set(key, value) {
      const written = config.has(key)
        ? config.update(key, (row) => void (row.value = value))
        : config.insert({ key, value })
      await written.when('settled')
    },
    async delete(key) {
      if (config.has(key)) await config.delete(key).when('settled')
    },
    entries: () => config.toArray.map(({ key, value }) => [key, value]),
    subscribe(run) {
      const subscription = config.subscribeChanges(run)
      return () => subscription.unsubscribe()
    },
    close: () => db.close(),
  }
}
