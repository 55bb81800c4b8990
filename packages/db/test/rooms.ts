import { createStreamDB } from '../src/index.ts'
import type { CreateStreamDBOptions, StateDefinition, StreamDB } from '../src/index.ts'
import { startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { ScriptedHandler, ScriptedServer, StreamServer } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { room } from './room-state.ts'
import type { Room } from './room-state.ts'

export { room }
export type { Room }

let server: Promise<StreamServer> | undefined

/** The real stream server, one for a test file. */
export function roomServer(): Promise<StreamServer> {
  return (server ??= startStreamServer())
}

/** Opens a room on a new stream, or on `url`; closed with the test. */
export async function openRoom(
  items: readonly unknown[] = [],
  options: Partial<CreateStreamDBOptions<Room>> & { readonly url?: string } = {},
): Promise<{ db: StreamDB<Room>; url: string; append: (...events: unknown[]) => Promise<string> }> {
  const kit = await roomServer()
  const { url = await kit.createStream(undefined, { items }), ...rest } = options
  const db = createStreamDB({ streamOptions: { url }, state: room, ...rest })
  onTestFinished(() => db.close())
  return { db, url, append: (...events) => kit.appendItems(url, events) }
}

/** A user row's event. */
export function user(id: string, name = `name of ${id}`, txid?: string): unknown {
  return room.users.upsert({ value: { id, name }, headers: { txid } })
}

/** A message row's event. */
export function message(id: string, userId: string, text = `text of ${id}`, txid?: string): unknown {
  return room.messages.upsert({ value: { id, userId, text }, headers: { txid } })
}

/** A row without what TanStack adds to it. */
export function plain(row: object | undefined): unknown {
  if (row === undefined) return undefined
  return Object.fromEntries(Object.entries(row).filter(([field]) => !field.startsWith('$')))
}

/** All rows of a collection, plain, by key. */
export function rowsOf(collection: { entries(): Iterable<readonly [string | number, object]> }): unknown {
  return Object.fromEntries([...collection.entries()].map(([key, row]) => [key, plain(row)]))
}

/** Pauses so short that a test sees many of them. */
export const quick = { initialDelay: 1, maxDelay: 20 }

/** Opens a room, or another state, on a scripted server. */
export async function openScripted<Definitions extends StateDefinition = Room>(
  handler: ScriptedHandler,
  options: Partial<CreateStreamDBOptions<Definitions>> = {},
): Promise<{ db: StreamDB<Definitions>; script: ScriptedServer; url: string }> {
  const script = await startScriptedServer(handler)
  onTestFinished(() => script.close())
  const url = `${script.url}/stream`
  // Without a state of its own it is a room; the type's default says the same.
  const state = options.state ?? (room as unknown as Definitions)
  const db = createStreamDB<Definitions>({ streamOptions: { url }, retry: quick, ...options, state })
  onTestFinished(() => db.close())
  return { db, script, url }
}

/** A control event. */
export function control(name: 'reset' | 'snapshot-start' | 'snapshot-end', offset?: string): unknown {
  return { headers: { control: name, ...(offset !== undefined && { offset }) } }
}

/** What `subscribeChanges` of a collection published, one sorted list a publication, as `insert u1`. */
export function publicationsOf(collection: {
  subscribeChanges(
    listener: (changes: readonly { type: string; key: string | number }[]) => void,
    options: { includeInitialState: false },
  ): unknown
}): string[][] {
  const publications: string[][] = []
  collection.subscribeChanges(
    (changes) => {
      // TanStack says that a collection is ready by a call without changes.
      if (changes.length > 0)
        publications.push(changes.map(({ type, key }) => `${type} ${String(key)}`).sort())
    },
    // Without it, changes of rows that are there already are told as inserts, or not at all.
    { includeInitialState: false },
  )
  return publications
}

/** A promise, and the hand that settles it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}
