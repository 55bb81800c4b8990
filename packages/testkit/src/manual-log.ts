import type { ChangeEvent } from '@streamdb/state'

/** What becomes of an append: stored, stored with the answer lost, refused, or broken off before the server saw it. */
export type Fate = 'store' | 'lose' | 'refuse' | 'drop'

/** A stream behind a `fetch`, whose appends wait until a test decides them. */
export interface ManualLog {
  readonly fetch: typeof fetch
  readonly events: readonly ChangeEvent[]
  /** The offset of its end. */
  readonly end: string
  /** How many appends wait for a decision. */
  readonly waiting: number
  append(events: readonly ChangeEvent[]): void
  /** Decides the append that came first; nothing where none waits. */
  decide(fate: Fate): void
}

/** Creates an empty log. It knows producers: an append that was stored already is answered, and not stored again. */
export function createManualLog(): ManualLog {
  const events: ChangeEvent[] = []
  const stored = new Set<string>()
  const undecided: ((fate: Fate) => void)[] = []
  const pollers = new Set<() => void>()

  const offset = (length = events.length): string => String(length).padStart(8, '0')

  function append(more: readonly ChangeEvent[]): void {
    events.push(...more)
    for (const notify of pollers) notify()
    pollers.clear()
  }

  function page(from: string): Response {
    const items = events.slice(from === '-1' ? 0 : Number(from))
    const headers = {
      'content-type': 'application/json',
      'stream-next-offset': offset(),
      'stream-up-to-date': 'true',
    }
    return new Response(JSON.stringify(items), { headers })
  }

  async function post(init: RequestInit | undefined): Promise<Response> {
    const fate = await new Promise<Fate>((resolve) => undecided.push(resolve))
    const headers = new Headers(init?.headers)
    const id = ['id', 'epoch', 'seq'].map((part) => headers.get(`producer-${part}`)).join(' ')
    if (fate === 'refuse') return new Response('', { status: 400 })
    if (fate === 'drop') throw new TypeError('connection refused')
    const duplicate = stored.has(id)
    stored.add(id)
    // The body is text, and holds the changes that a test wrote.
    if (!duplicate) append((await new Response(init?.body ?? null).json()) as ChangeEvent[])
    if (fate === 'lose') throw new TypeError('connection reset')
    return new Response(null, { status: duplicate ? 204 : 200, headers: { 'stream-next-offset': offset() } })
  }

  return {
    events,
    get end() {
      return offset()
    },
    get waiting() {
      return undecided.length
    },
    append,
    decide: (fate) => undecided.shift()?.(fate),
    async fetch(input, init) {
      if (init?.method === 'POST') return post(init)
      if (init?.method === 'HEAD') return new Response(null, { headers: { 'stream-next-offset': offset() } })
      const { searchParams } = new URL(input instanceof Request ? input.url : input)
      const from = searchParams.get('offset') ?? '-1'
      if (searchParams.get('live') !== null && from === offset()) {
        await new Promise<void>((resolve, reject) => {
          pollers.add(resolve)
          init?.signal?.addEventListener('abort', () => reject(new TypeError('aborted')))
        })
      }
      return page(from)
    },
  }
}
