import { startScriptedServer } from '@streamdb/testkit'
import type { ScriptedHandler, ScriptedServer } from '@streamdb/testkit'
import type { DurableStreamOptions, LiveMode } from '@durable-streams/client'
import { onTestFinished } from 'vitest'
import { createHttpSource, defaultTimes, openStream } from '../src/index.ts'
import type {
  Batch,
  BatchSource,
  ConnectionEvent,
  OnMissing,
  OpenedStream,
  ReaderTimes,
  RedirectOptions,
  RestartReason,
} from '../src/index.ts'

/** A source that reads, and what it delivered. */
export interface OpenSource extends OpenedStream {
  readonly source: BatchSource
  readonly batches: Batch[]
  /** What was delivered since the last restart. */
  readonly items: unknown[]
  readonly restarts: RestartReason[]
  readonly events: ConnectionEvent[]
  readonly refused: string[]
}

export interface OpenSourceOptions {
  readonly live?: LiveMode | undefined
  readonly times?: Partial<ReaderTimes> | undefined
  readonly onMissing?: OnMissing | undefined
  readonly streamOptions?:
    (Partial<DurableStreamOptions> & { readonly redirects?: RedirectOptions | undefined }) | undefined
  readonly onBatch?: ((batch: Batch) => void) | undefined
}

/** Opens a source on a URL, and starts it. */
export function openSource(url: string, options: OpenSourceOptions = {}): OpenSource {
  const { live = true, onMissing, onBatch } = options
  const times = { ...defaultTimes, initialDelay: 2, maxDelay: 20, ...options.times }
  const { stream, streamOptions } = openStream({ url, warnOnHttp: false, ...options.streamOptions }, times)
  const source = createHttpSource({ stream, streamOptions, live, times, onMissing })
  onTestFinished(() => source.stop())
  const opened: OpenSource = {
    stream,
    streamOptions,
    source,
    batches: [],
    items: [],
    restarts: [],
    events: [],
    refused: [],
  }
  source.start(undefined, {
    onBatch(batch) {
      onBatch?.(batch)
      opened.batches.push(batch)
      opened.items.push(...batch.items)
      return { type: 'continue' }
    },
    onSeekRefused: (offset) => void opened.refused.push(offset),
    onRestart(why) {
      opened.restarts.push(why)
      opened.items.length = 0
    },
    onConnection: (event) => void opened.events.push(event),
    ready: () => Promise.resolve(),
  })
  return opened
}

/** Starts a scripted server, and a source on it. */
export async function openScriptedSource(
  handler: ScriptedHandler,
  options?: OpenSourceOptions,
): Promise<OpenSource & { readonly script: ScriptedServer }> {
  const script = await startScriptedServer(handler)
  onTestFinished(() => script.close())
  return { ...openSource(`${script.url}/stream`, options), script }
}

/** A stream server in memory, whose answers a test can bend. */
export interface FakeStream {
  items: unknown[]
  readonly handler: ScriptedHandler
  /** Answers live requests at once. */
  append(...items: readonly unknown[]): void
}

export interface FakeStreamOptions {
  /** What it answers to an offset behind its end. */
  readonly beyond: 'echo' | 416
}

/** Offsets are numbers of ten digits: how many items lie before. */
export function fakeStream({ beyond }: FakeStreamOptions): FakeStream {
  const waiting = new Set<() => void>()
  const fake: FakeStream = {
    items: [],
    append(...items) {
      fake.items.push(...items)
      for (const answer of [...waiting]) answer()
    },
    handler(request, reply) {
      const end = offsetOf(fake.items.length)
      if (request.method === 'HEAD') return reply.page({ nextOffset: end })
      if (request.method !== 'GET') return reply.status(405)
      const { offset = '-1', live } = request
      if (offset === 'now') return reply.page({ nextOffset: end, upToDate: true })
      const at = offset === '-1' ? 0 : Number(offset)
      if (at > fake.items.length) {
        if (beyond === 416) return reply.status(416)
        if (live !== undefined) return reply.hang()
        return reply.page({ nextOffset: offset, upToDate: true })
      }
      const answer = (): void => {
        waiting.delete(answer)
        const nextOffset = offsetOf(fake.items.length)
        reply.page({ items: fake.items.slice(at), nextOffset, upToDate: true })
      }
      if (live === 'sse') return reply.status(400)
      if (live === undefined || at < fake.items.length) return answer()
      waiting.add(answer)
      reply.response.once('close', () => waiting.delete(answer))
    },
  }
  return fake
}

export function offsetOf(index: number): string {
  return String(index).padStart(10, '0')
}
