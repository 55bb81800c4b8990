import { statusOf } from './http-error.ts'
import type { Position } from './position.ts'
import type { PagePart } from './read-page.ts'
import type { Freshness } from './requests.ts'

/** Decides how the pages of a reader are asked for, and whether what they say of the end of the log can be relied upon. */
export class PageFreshness {
  #next: Freshness = 'any'
  readonly #isLast: boolean

  /** `isLast`: no live connection follows, which would deliver what a page lacks. */
  constructor(isLast: boolean) {
    this.#isLast = isLast
  }

  /** How to request the next page: once the end was reached, cached pages are of no use. */
  get next(): Freshness {
    return this.#next
  }

  /** Caches keep it as well that there is no such stream. */
  noteFailure(thrown: unknown): void {
    const status = statusOf(thrown)
    if (status === 404 || status === 410) this.#next = 'unseen'
  }

  /**
   * Returns a part of a page as far as it can be relied upon: without its claim to reach the end of the log where that may
   * have been so a minute ago, and nothing where there is nothing else in it. The next page is asked for in another way.
   */
  trust(part: PagePart, { offset }: Pick<Position, 'offset'>): PagePart | undefined {
    const { head, headers, complete } = part
    if (!complete || !head.upToDate || head.closed || !this.#isStale(headers)) return part
    return head.offset === offset ? undefined : { ...part, head: { ...head, upToDate: false } }
  }

  #isStale(headers: Headers): boolean {
    const asked = this.#next
    const isFromCache = Number(headers.get('age')) > 0
    this.#next = asked === 'no-store' && this.#isLast && isFromCache ? 'unseen' : 'no-store'
    if (asked === 'any') return isFromCache || isCacheable(headers.get('cache-control') ?? '')
    return this.#next === 'unseen'
  }
}

/** Whether caches may answer with a response for a while without asking the server. */
function isCacheable(text: string): boolean {
  const directives = text.split(',').map((each) => each.trim().toLowerCase())
  if (directives.some((each) => /^(no-store|no-cache)(=|$)/.test(each))) return false
  return directives.some((each) => /^(s-maxage|max-age)="?0*[1-9]/.test(each) || each === 'immutable')
}
