import { Store } from '@streamdb/example-shared/page'
import { openDatabase } from './database.ts'
import type { FileLimits, Person, RoomPlace } from './description.ts'
import { Feedback } from './feedback.ts'
import { Files } from './files.ts'
import { Outbox } from './outbox.ts'
import { toBlob } from './pictures.ts'
import { Presence } from './presence.ts'
import { createViews } from './views.ts'

/** A room as one person sees it: its database, the views drawn from it, and that person's actions. */
export type Room = ReturnType<typeof openRoom>

export interface RoomOptions {
  readonly me: Person
  /** Which files can be attached. */
  readonly files: FileLimits
  readonly origin: string
  readonly fetch: typeof globalThis.fetch
  readonly authorization: () => Promise<string>
}

/** Opens a room, and starts to read it. */
export function openRoom(place: RoomPlace, { me, files: limits, origin, fetch, authorization }: RoomOptions) {
  const files = new Files({ origin, fetch, authorization, limits })
  /** The stored part of each file under way, from 0 to 1, by message. */
  const uploads = new Store<ReadonlyMap<string, number>>(new Map())
  const db = openDatabase({
    url: origin + place.stream,
    ...{ fetch, authorization, user: me.id },
    upload: async (picture, { id, attachment }, signal) => {
      if (attachment === undefined) return
      const onProgress = (progress: number) => uploads.set(new Map(uploads.get()).set(id, progress))
      onProgress(0)
      try {
        await files.upload(attachment.id, toBlob(picture), onProgress, signal)
      } finally {
        uploads.set(new Map([...uploads.get()].filter(([other]) => other !== id)))
      }
    },
  })
  const feedback = new Feedback(db)
  return {
    ...place,
    ...{ me, db, files, uploads, limits },
    // Created before the first row: the views are then computed once, at the end of the first load.
    views: createViews(db.collections, me.id),
    outbox: new Outbox({ db, files, feedback, me: me.id }),
    presence: new Presence(db, me.id),
    feedback,
    /** The message that is being edited. */
    editing: new Store<string | undefined>(undefined),
  }
}
