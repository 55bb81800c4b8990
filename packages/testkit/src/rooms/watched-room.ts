import { createStreamDB } from '@streamdb/db'
import type { CreateStreamDBOptions, StreamDB } from '@streamdb/db'
import { onTestFinished } from 'vitest'
import { roomServer } from './open-room.ts'
import { room } from './room-state.ts'

export type RoomDB = StreamDB<typeof room>

/** A stream of the real server that holds a room, and who reads it. */
export interface WatchedRoom {
  readonly url: string
  readonly options: CreateStreamDBOptions<typeof room>
  /** The reads that `options` sent: the offset of each, and whether its connection is open. */
  readonly reads: readonly Read[]
  append: (...events: unknown[]) => Promise<string>
  remove: () => Promise<void>
  /** Creates the stream again, after `remove`. */
  restore: (...events: unknown[]) => Promise<string>
  /** Makes every request fail from now on, open connections too; or no more. */
  cut: (isCut: boolean) => void
}

interface Read {
  readonly offset: string | null
  readonly live: string | null
  open: boolean
}

/** Creates a stream that holds a room. */
export async function createWatchedRoom(...items: unknown[]): Promise<WatchedRoom> {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items })
  const reads: Read[] = []
  let down = new AbortController()
  const fetch = async (...[input, init]: Parameters<typeof globalThis.fetch>): Promise<Response> => {
    const { searchParams } = new URL(input instanceof Request ? input.url : input)
    const read = { offset: searchParams.get('offset'), live: searchParams.get('live'), open: true }
    if ((init?.method ?? 'GET') === 'GET') reads.push(read)
    const end = (): void => void (read.open = false)
    const signal = AbortSignal.any([down.signal, ...(init?.signal ? [init.signal] : [])])
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    try {
      const response = await globalThis.fetch(input, { ...init, signal })
      if (read.live === null) end()
      return response
    } catch (error) {
      end()
      throw error
    }
  }
  return {
    url,
    options: { streamOptions: { url, warnOnHttp: false, fetch }, state: room },
    reads,
    append: (...events) => kit.appendItems(url, events),
    remove: () => kit.deleteStream(url),
    restore: (...events) => kit.createStream(url, { items: events }),
    cut(isCut) {
      if (isCut) down.abort(new TypeError('fetch failed'))
      else down = new AbortController()
    },
  }
}

/** Opens a room on a new stream of the real server; closed with the test. */
export async function openWatchedRoom(...items: unknown[]): Promise<WatchedRoom & { db: RoomDB }> {
  const stream = await createWatchedRoom(...items)
  const db = createStreamDB(stream.options)
  onTestFinished(() => db.close())
  return { ...stream, db }
}
