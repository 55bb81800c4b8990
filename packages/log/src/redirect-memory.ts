/**
 * How long the target of a redirect is remembered, in milliseconds: it saves frequent requests a round trip each, and limits
 * the time in which a former leader is used.
 */
const REMEMBERED_FOR = 5_000
/** How many addresses are remembered. */
const MOST = 500

/** Remembers the targets of redirects of a stream's requests, independent of their parameters. */
export class RedirectMemory {
  readonly #targets = new Map<string, { readonly target: string; readonly until: number }>()

  /** Returns where a request goes at once; nothing where that is not known. */
  find(asked: URL): URL | undefined {
    const known = this.#targets.get(keyOf(asked))
    if (known === undefined) return undefined
    if (performance.now() > known.until) return void this.#targets.delete(keyOf(asked))
    const url = new URL(known.target)
    url.search = asked.search
    return url
  }

  /** A request was answered by another address; one that has other parameters is that request's alone. */
  remember(asked: URL, target: URL): void {
    if (target.search !== asked.search) return
    this.#targets.delete(keyOf(asked))
    this.#targets.set(keyOf(asked), {
      target: keyOf(target),
      until: performance.now() + REMEMBERED_FOR,
    })
    for (const oldest of this.#targets.keys()) {
      if (this.#targets.size <= MOST) return
      this.#targets.delete(oldest)
    }
  }

  forget(asked: URL): void {
    this.#targets.delete(keyOf(asked))
  }
}

function keyOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}
