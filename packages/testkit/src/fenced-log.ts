import type { StateEvent } from '@streamdb/state'

/** A stream behind a `fetch`, which knows producers and their epochs as the reference server does. */
export interface FencedLog {
  /** Requests on it; `who` sends them. */
  fetchOf(who: string): typeof fetch
  readonly events: readonly StateEvent[]
  append(...events: readonly StateEvent[]): void
  /** Who has a live request open now. */
  readonly readers: readonly string[]
  /** Who was refused an append with 403, as a newer epoch of the same producer had appended. */
  readonly refused: readonly string[]
  /** Holds the next append of `who` on its way, until `release`. */
  delayNext(who: string): void
  release(): void
  /** Decides of each append whether its answer is lost once it is stored, or all of it before. */
  fault: ((who: string) => 'lose-answer' | 'drop' | 'none') | undefined
}

interface Producer {
  epoch: number
  seq: number
}

/** Creates an empty log; a live read of it waits, as a long-poll does, until something is appended. */
export function createFencedLog(): FencedLog {
  const events: StateEvent[] = []
  const producers = new Map<string, Producer>()
  const pollers = new Set<() => void>()
  const readers: string[] = []
  const refused: string[] = []
  const held: (() => void)[] = []
  let delayed: string | undefined

  const offset = (): string => String(events.length).padStart(8, '0')

  function append(...more: readonly StateEvent[]): void {
    events.push(...more)
    const waiting = [...pollers]
    pollers.clear()
    for (const notify of waiting) notify()
  }

  /** As the reference server answers producer headers. */
  function post(who: string, headers: Headers, body: string): Response {
    const id = headers.get('producer-id') ?? ''
    const epoch = Number(headers.get('producer-epoch'))
    const seq = Number(headers.get('producer-seq'))
    const known = producers.get(id)
    const state = { 'stream-next-offset': offset(), 'producer-epoch': String(known?.epoch ?? epoch) }
    if (known !== undefined && epoch < known.epoch) {
      refused.push(who)
      return new Response('stale epoch', { status: 403, headers: state })
    }
    if (known === undefined || epoch > known.epoch) {
      if (seq !== 0) return new Response('a new epoch begins at 0', { status: 400, headers: state })
    } else if (seq <= known.seq) {
      return new Response(null, { status: 204, headers: { ...state, 'producer-seq': String(known.seq) } })
    } else if (seq > known.seq + 1) {
      const expected = {
        'producer-expected-seq': String(known.seq + 1),
        'producer-received-seq': String(seq),
      }
      return new Response('a gap', { status: 409, headers: { ...state, ...expected } })
    }
    producers.set(id, { epoch, seq })
    append(...(JSON.parse(body) as StateEvent[])) // what a tab wrote
    const stored = {
      'stream-next-offset': offset(),
      'producer-epoch': String(epoch),
      'producer-seq': String(seq),
    }
    return new Response(null, { status: 200, headers: stored })
  }

  async function get(who: string, url: URL, signal: AbortSignal | null | undefined): Promise<Response> {
    const given = url.searchParams.get('offset') ?? '-1'
    const from = given === '-1' ? 0 : Number(given)
    if (url.searchParams.get('live') !== null && from >= events.length) {
      readers.push(who)
      try {
        await new Promise<void>((resolve, reject) => {
          pollers.add(resolve)
          const onAbort = (): void => {
            pollers.delete(resolve)
            reject(new DOMException('aborted', 'AbortError'))
          }
          if (signal?.aborted === true) onAbort()
          signal?.addEventListener('abort', onAbort)
        })
      } finally {
        readers.splice(readers.indexOf(who), 1)
      }
    }
    const headers = {
      'content-type': 'application/json',
      'stream-next-offset': offset(),
      'stream-up-to-date': 'true',
      etag: `"the-stream:${offset()}"`,
    }
    return new Response(JSON.stringify(events.slice(from)), { headers })
  }

  const log: FencedLog = {
    events,
    append,
    readers,
    refused,
    fault: undefined,
    delayNext: (who) => void (delayed = who),
    release() {
      for (const go of held.splice(0)) go()
    },
    fetchOf: (who) => async (input, init) => {
      if (init?.method === 'POST') {
        const fault = log.fault?.(who)
        if (fault === 'drop') throw new TypeError('fetch failed')
        const body = await new Response(init.body ?? null).text()
        if (delayed === who) {
          delayed = undefined
          await new Promise<void>((resolve) => held.push(resolve))
        }
        const response = post(who, new Headers(init.headers), body)
        if (fault === 'lose-answer') throw new TypeError('fetch failed')
        return response
      }
      if (init?.method === 'HEAD') {
        return new Response(null, {
          headers: { 'stream-next-offset': offset(), etag: `"the-stream:${offset()}"` },
        })
      }
      return get(who, new URL(input instanceof Request ? input.url : input), init?.signal)
    },
  }
  return log
}
