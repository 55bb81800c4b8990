import { createStreamDB } from '@streamdb/db'
import type { CreateStreamDBOptions, StateDefinition, StreamDB } from '@streamdb/db'
import { onTestFinished } from 'vitest'
import { startScriptedServer } from '../scripted-server.ts'
import type { ScriptedHandler, ScriptedServer } from '../scripted-server.ts'
import { startStreamServer } from '@streamdb/testing'
import type { StreamServer } from '@streamdb/testing'
import { room } from './room-state.ts'
import type { Room } from './room-state.ts'

let server: Promise<StreamServer> | undefined

/** The real stream server, one for a test file. Test files may share this module: once it is stopped, the next call starts another. */
export function roomServer(): Promise<StreamServer> {
  return (server ??= startStreamServer().then((started) => {
    const stop = started.stop.bind(started)
    return Object.assign(started, {
      stop() {
        server = undefined
        return stop()
      },
    })
  }))
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
