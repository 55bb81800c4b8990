import { Store } from '@streamdb/example-shared/page'
import { Acts } from './acts.ts'
import { openDatabase } from './database.ts'
import type { Person, RoomPlace } from './description.ts'
import { Files } from './files.ts'
import { Outbox } from './outbox.ts'
import { Presence } from './presence.ts'
import { createViews } from './views.ts'

/** A room as somebody sees it: its database, what is drawn from it, and what its user does in it. */
export type Room = ReturnType<typeof openRoom>

/** Who opens a room, and the way to it. */
export interface RoomOptions {
  readonly me: Person
  readonly origin: string
  readonly fetch: typeof globalThis.fetch
}

/** Opens a room, and starts reading it. */
export function openRoom(place: RoomPlace, { me, origin, fetch }: RoomOptions) {
  const files = new Files(origin, fetch)
  /** How much of the files that are on their way is stored, by message. */
  const uploads = new Store<ReadonlyMap<string, number>>(new Map())
  const db = openDatabase({
    url: origin + place.stream,
    fetch,
    upload: async (file, { id, attachment }, signal) => {
      if (attachment === undefined) return
      const tell = (progress: number) => uploads.set(new Map(uploads.get()).set(id, progress))
      tell(0)
      try {
        await files.upload(attachment.id, file, tell, signal)
      } finally {
        uploads.set(new Map([...uploads.get()].filter(([other]) => other !== id)))
      }
    },
  })
  return {
    ...place,
    ...{ me, db, files, uploads },
    // Before the first row: a view that exists when the log is read is computed once, at its end.
    views: createViews(db.collections, me.id),
    outbox: new Outbox(db, files, me.id),
    presence: new Presence(db, me.id),
    acts: new Acts(db),
    /** The message that is being edited. */
    editing: new Store<string | undefined>(undefined),
  }
}
