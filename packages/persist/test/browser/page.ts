import { createStreamDB } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { createIndexedDBBlocks } from '../../src/indexeddb-blocks.ts'
import { createStreamStore, indexedDBStorage } from '../../src/index.ts'
import { storeChecks } from '../../src/conformance/index.ts'
import { createStateSchema } from '@streamdb/db'
import { z } from 'zod'

const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
})

let db: StreamDB<typeof state> | undefined
const errors: string[] = []
const statuses: string[] = []
let longest = 0

export const page = {
  checks: (): string[] => storeChecks.map(({ name }) => name),
  /** Runs a check on a new database; resolves with its error. */
  async check(index: number): Promise<string | undefined> {
    const store = createStreamStore(createIndexedDBBlocks(`check-${index}-${Math.random()}`))
    return storeChecks[index]?.run(store).then(
      () => undefined,
      (error: unknown) => String(error),
    )
  },
  async open(url: string, user?: string): Promise<void> {
    db = createStreamDB({
      streamOptions: { url },
      state,
      storage: indexedDBStorage({ user }),
      retry: { initialDelay: 10, maxDelay: 100 },
      onError: (error) => void errors.push(`${error.code}: ${error.message}`),
    })
    db.subscribeStatus((status) => {
      statuses.push(
        status.name === 'catching-up' && status.from !== undefined
          ? `${status.name} from ${status.from}`
          : status.name,
      )
    })
    await db.preload()
  },
  rows: (): string[] => Array.from(db?.collections.users.values() ?? [], ({ name }) => name),
  /** Resolves in the task in which so many rows are shown. */
  whenRows: (count: number): Promise<void> =>
    new Promise((resolve) => {
      const subscription = db?.collections.users.subscribeChanges(() => {
        if (db?.collections.users.size !== count) return
        subscription?.unsubscribe()
        resolve()
      })
    }),
  persist: () => db?.storage?.persist(),
  size: () => db?.storage?.size(),
  flush: () => db?.storage?.flush(),
  clear: () => db?.storage?.clear(),
  close: () => db?.close(),
  status: () => db?.storage?.status.get().name,
  savedAt(): number | undefined {
    const status = db?.storage?.status.get()
    return status?.name === 'ready' ? status.savedAt : undefined
  },
  statuses: () => statuses,
  errors: () => errors,
  /** Measures for how long the event loop is held at most. */
  watch(): void {
    let last = performance.now()
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      port2.postMessage(undefined)
    }
    port2.postMessage(undefined)
  },
  longest(): number {
    const found = longest
    longest = 0
    return found
  },
}

export type TestPage = typeof page

Object.assign(globalThis, { page })
