import type { StateEvent } from '@streamdb/state'
import { offsetAt } from '@streamdb/testkit'

/** A log in pages, behind a `fetch`. */
export interface PagedLog {
  readonly fetch: typeof fetch
  readonly url: string
  /** How many requests were answered. */
  readonly requests: number
  /** Returns the offset behind so many appends. */
  offset(appends: number): string
  append(events: readonly StateEvent[]): void
}

/** Serves appends in pages of several; `isStamped`: events say where their append ends, as those of the reference server. */
export function pagedLog(
  given: readonly (readonly StateEvent[])[],
  { isStamped = true, pageSize = Infinity }: { isStamped?: boolean; pageSize?: number } = {},
): PagedLog {
  const appends = [...given]
  let requests = 0
  const items = (from: number, to: number): unknown[] =>
    appends.slice(from, to).flatMap((events, index) =>
      events.map((event) => {
        if (!isStamped) return event
        return { ...event, headers: { ...event.headers, offset: offsetAt(from + index + 1) } }
      }),
    )
  return {
    url: 'http://log.test/stream',
    get requests() {
      return requests
    },
    offset: (count) => (count === 0 ? '-1' : offsetAt(count)),
    append: (events) => void appends.push(events),
    fetch(input) {
      requests++
      const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input)
      if (pathname !== '/stream') return Promise.resolve(new Response('', { status: 404 }))
      const offset = searchParams.get('offset') ?? '-1'
      const from = offset === '-1' ? 0 : Number(offset.split('_')[1])
      const to = Math.min(from + pageSize, appends.length)
      const headers = new Headers({ 'content-type': 'application/json', 'stream-next-offset': offsetAt(to) })
      if (to === appends.length) headers.set('stream-up-to-date', 'true')
      return Promise.resolve(new Response(JSON.stringify(items(from, to)), { headers }))
    },
  }
}
