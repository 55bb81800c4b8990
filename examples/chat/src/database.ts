import { createStreamDB } from '@streamdb/react'
import type { WriteContext } from '@streamdb/react'
import { state } from './state.ts'
import type { Message } from './state.ts'

/** The database of a room. */
export type Database = ReturnType<typeof openDatabase>

export interface DatabaseOptions {
  readonly url: string
  /** Sends every request of the database, so that the page can cut the connection. */
  readonly fetch: typeof globalThis.fetch
  /** Stores a message's file; resolves when all of it is stored. */
  readonly upload: (file: File, message: Message, signal: AbortSignal) => Promise<void>
}

/** A message, and the file attached to it. */
export interface Sending {
  readonly message: Message
  readonly file?: File | undefined
}

/** Opens a room's database; it starts to read when a query or `preload` needs it. */
export function openDatabase({ url, fetch, upload }: DatabaseOptions) {
  return createStreamDB({
    // Each room has a host name of its own, so HTTP/1.1's six connections to a host suffice.
    streamOptions: { url, contentType: 'application/json', fetch, warnOnHttp: false },
    state,
    live: 'sse',
    history: true,
    // People wait for a room to come back: retry sooner than the default.
    retry: { initialDelay: 250, maxDelay: 10_000 },
    actions: ({ db: { collections }, stream }) => ({
      send: {
        onMutate: ({ message }: Sending) => void collections.messages.insert(message),
      },
      /** Shows the message at once, and appends it when its file is stored: every reader finds the file. */
      sendFile: {
        onMutate: ({ message }: Sending) => void collections.messages.insert(message),
        mutationFn: async ({ message, file }: Sending, { events, txid, signal }: WriteContext) => {
          if (file !== undefined) await upload(file, message, signal)
          await stream.append(events.map((event) => JSON.stringify(event)).join(','), { signal })
          return txid
        },
      },
      edit: {
        onMutate: ({ id, text }: { readonly id: string; readonly text: string }) =>
          void collections.messages.update(id, (draft) => {
            draft.text = text
            draft.editedAt = Date.now()
          }),
      },
      /** Deletes a message and its reactions together, so that one undo restores them together. */
      remove: {
        onMutate: (id: string) => {
          collections.messages.delete(id)
          for (const reaction of collections.reactions.toArray) {
            if (reaction.messageId === id) collections.reactions.delete(reaction.id)
          }
        },
      },
      /** Adds a reaction, or removes the same one. */
      react: {
        onMutate: (reaction: {
          readonly messageId: string
          readonly userId: string
          readonly emoji: string
        }) => {
          const id = `${reaction.messageId}/${reaction.userId}/${reaction.emoji}`
          if (collections.reactions.has(id)) collections.reactions.delete(id)
          else collections.reactions.insert({ id, ...reaction })
        },
      },
    }),
  })
}
