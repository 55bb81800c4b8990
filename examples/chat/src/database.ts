import { createStreamDB } from '@streamdb/react'
import type { WriteContext } from '@streamdb/react'
import { state } from './state.ts'
import type { Message } from './state.ts'

/** The database of a room. */
export type Database = ReturnType<typeof openDatabase>

/** What a room's database needs. */
export interface DatabaseOptions {
  readonly url: string
  /** All that the database sends goes through this, so it can be cut off. */
  readonly fetch: typeof globalThis.fetch
  /** Stores a message's file; resolves when all of it is stored. */
  readonly upload: (file: File, message: Message, signal: AbortSignal) => Promise<void>
}

/** A message, and the file that comes with it. */
export interface Sending {
  readonly message: Message
  readonly file?: File | undefined
}

/** Opens a room's database; it reads when it is asked to, or when somebody looks. */
export function openDatabase({ url, fetch, upload }: DatabaseOptions) {
  return createStreamDB({
    // Each room is under a host name of its own: six connections do.
    streamOptions: { url, contentType: 'application/json', fetch, warnOnHttp: false },
    state,
    live: 'sse',
    history: true,
    // Nobody waits half a minute for a room to come back.
    retry: { initialDelay: 250, maxDelay: 10_000 },
    actions: ({ db: { collections }, stream }) => ({
      send: {
        onMutate: ({ message }: Sending) => void collections.messages.insert(message),
      },
      /** The message is shown at once and appended when its file is stored: whoever reads it finds the file. */
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
      /** A message goes with what was said to it, and comes back with it when that is undone. */
      remove: {
        onMutate: (id: string) => {
          collections.messages.delete(id)
          for (const reaction of collections.reactions.toArray) {
            if (reaction.messageId === id) collections.reactions.delete(reaction.id)
          }
        },
      },
      /** Reacts, or takes the same reaction back. */
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
