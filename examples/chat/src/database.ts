import { indexedDBStorage } from '@streamdb/persist'
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
  /** Says who writes, for each request. */
  readonly authorization: () => Promise<string>
  /** Whose rows and unsent messages are kept: two people who use one browser see nothing of each other's. */
  readonly user: string
  /** Stores a message's picture; resolves when all of it is stored. */
  readonly upload: (picture: string, message: Message, signal: AbortSignal) => Promise<void>
}

/** A message, and the picture attached to it. The outbox keeps both as JSON until they are sent. */
export interface Sending {
  readonly message: Message
  /** As a data URL. */
  readonly picture?: string | undefined
}

/** Opens a room's database; it starts to read when a query or `preload` needs it. */
export function openDatabase({ url, fetch, authorization, user, upload }: DatabaseOptions) {
  return createStreamDB({
    streamOptions: {
      ...{ url, contentType: 'application/json', fetch, warnOnHttp: false },
      headers: { authorization },
    },
    state,
    live: 'sse',
    // Rows come from here after a reload; all tabs of one person share a connection.
    storage: indexedDBStorage({ name: 'streamdb-chat', user }),
    // A long room is opened from a snapshot, which the server makes, and the log behind it.
    snapshots: true,
    // What is written is kept until the log has it, also when the page is closed before.
    offline: true,
    history: true,
    // People wait for a room to come back: retry sooner than the default.
    retry: { initialDelay: 250, maxDelay: 10_000 },
    actions: ({ db: { collections }, stream }) => ({
      send: {
        onMutate: ({ message }: Sending) => void collections.messages.insert(message),
      },
      /** Shows the message at once, and appends it when its picture is stored: every reader finds it. */
      sendPicture: {
        onMutate: ({ message }: Sending) => void collections.messages.insert(message),
        // It may run again after a reload, with what was kept.
        mutationFn: async ({ message, picture }: Sending, { events, txid, signal }: WriteContext) => {
          if (picture !== undefined) await upload(picture, message, signal)
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
      /**
       * Deletes a message and its author's own reactions together, so that one undo restores them together. Those of others are
       * theirs: they are shown with the message, and so not without it.
       */
      remove: {
        onMutate: (id: string) => {
          const authorId = collections.messages.get(id)?.authorId
          collections.messages.delete(id)
          for (const reaction of collections.reactions.toArray) {
            const isOwn = reaction.messageId === id && reaction.userId === authorId
            if (isOwn) collections.reactions.delete(reaction.id)
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
