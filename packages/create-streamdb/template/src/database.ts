import { safeRandomUUID } from '@streamdb/react'
import type { ActionContext } from '@streamdb/react'
import { state } from './state.ts'

/** A database on the stream at `url`: every page and every server that opens it sees the same rows. */
export function databaseAt(url: string) {
  return {
    streamOptions: { url },
    state,
    onMissing: 'create' as const, // the first page makes the stream
    actions: ({ db: { collections } }: ActionContext<typeof state>) => ({
      // Shown at once, written as one transaction, taken back if the server refuses it.
      addTodo: {
        onMutate: (text: string) => {
          const addedAt = new Date().toISOString()
          collections.todos.insert({ id: safeRandomUUID(), text, done: false, addedAt })
        },
      },
    }),
  }
}
