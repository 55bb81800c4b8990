import { materialize, readState } from '@streamdb/log'
import type { BatchSource, ReadStateOptions, StateRead } from '@streamdb/log'
import { canonical, startFaultProxy, startStreamServer } from '@streamdb/testkit'
import type { FaultProxy, StreamServer } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { compactStream } from '../src/index.ts'
import type { Compaction, CompactOptions } from '../src/index.ts'

let server: Promise<StreamServer> | undefined

/** The real stream server, one for a test file. */
export function kit(): Promise<StreamServer> {
  return (server ??= startStreamServer())
}

/** Stops it. */
export async function stopKit(): Promise<void> {
  await (await server)?.stop()
  server = undefined
}

/** Pauses so short that a test sees many of them. */
export const quick = { initialDelay: 1, maxDelay: 10 }

/** An event that puts a row of the type `user`, or another one. */
export function put(key: string, value: unknown = { name: `name of ${key}` }, more: object = {}): unknown {
  return { type: 'user', key, value, headers: { operation: 'upsert' }, ...more }
}

/** An event that deletes a user. */
export function remove(key: string): unknown {
  return { type: 'user', key, headers: { operation: 'delete' } }
}

/** A control event. */
export function control(name: 'reset' | 'snapshot-start' | 'snapshot-end'): unknown {
  return { headers: { control: name } }
}

/** A log on the real server, each batch one append, behind a proxy that counts and disturbs requests. */
export interface TestLog {
  /** Through the proxy. */
  readonly url: string
  /** The server itself. */
  readonly direct: string
  readonly proxy: FaultProxy
  append(...items: unknown[]): Promise<string>
  compact(options?: Partial<CompactOptions>): Promise<Compaction>
  /** The requests since the last call: `GET .snapshots`, `GET -1`. */
  requests(): string[]
}

/** Makes a log. */
export async function createLog(...batches: (readonly unknown[])[]): Promise<TestLog> {
  const streams = await kit()
  const direct = await streams.createStream()
  for (const items of batches) await streams.appendItems(direct, items)
  const proxy = await startFaultProxy(streams.url)
  onTestFinished(() => proxy.close())
  const url = proxy.through(direct)
  let seen = 0
  return {
    ...{ url, direct, proxy },
    append: (...items) => streams.appendItems(direct, items),
    compact: (options = {}) => compactStream({ source: direct, ...options }),
    requests() {
      const since = proxy.requests.slice(seen)
      seen = proxy.requests.length
      return since.map(({ method, url: { pathname, searchParams } }) => {
        const name = pathname.replace(new URL(direct).pathname, '')
        const what = name.startsWith('.snapshots.') ? '(snapshot)' : name
        return `${method} ${what}${what ? ' ' : ''}${searchParams.get('offset') ?? ''}`.trim()
      })
    },
  }
}

/** Reads a log to its end: its rows as JSON. */
export async function rowsOf(options: ReadStateOptions): Promise<string> {
  const { state } = await materialize({ retry: quick, ...options })
  return canonical(new Map(state.types.map((type) => [type, state.getType(type)])))
}

/** Everything that a reader is given. */
export async function readAll(options: ReadStateOptions & { source?: BatchSource }): Promise<StateRead[]> {
  const reads: StateRead[] = []
  for await (const read of readState({ retry: quick, ...options })) reads.push(read)
  return reads
}

/** The snapshot that a run wrote; fails where it wrote none. */
export function written(compaction: Compaction): Extract<Compaction, { type: 'written' }>['snapshot'] {
  if (compaction.type !== 'written') throw new Error(`No snapshot was written: ${compaction.why}`)
  return compaction.snapshot
}
