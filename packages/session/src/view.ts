import type { Readable } from '@streamdb/db'
import { mainBranch } from './branches.ts'
import { Listeners } from '@streamdb/log'
import type { MessageView, Thread } from './thread.ts'

/** Which messages a view shows. */
export interface ViewOptions {
  /** Absent: the first branch. */
  readonly branch?: string | undefined
  /** How many messages are shown at first, those at the end. Default: all. */
  readonly limit?: number | undefined
}

/** The messages of a branch, from somewhere to its end; `get` returns the same array until one of them changes. */
export interface SessionView extends Readable<readonly MessageView[]> {
  readonly branch: string
  /** Whether there are messages before those that are shown. */
  readonly hasOlder: boolean
  /** Shows more messages before, and reads them where they are not; resolves when they are shown. Rejects where reading fails. */
  loadOlder(count?: number): Promise<void>
  /** Shows messages until this one, and reads until there; resolves with whether the branch has it. Rejects where reading fails. */
  loadUntil(message: string): Promise<boolean>
  /** Ends the view: it no longer changes. */
  close(): void
}

/** Returns a view of a thread. */
export function createView(
  thread: Thread,
  { branch = mainBranch, limit = Infinity }: ViewOptions = {},
): SessionView {
  const listeners = new Listeners()
  let shown: readonly MessageView[] = []
  let all: readonly string[] = []
  let version = -1
  // What is at the end stays shown when more is appended: the window grows, and does not slide.
  let first: string | undefined
  let size = limit

  function read(): readonly MessageView[] {
    if (isClosed || version === thread.version) return shown
    version = thread.version
    all = thread.messagesOf(branch)
    const start = first === undefined ? -1 : all.indexOf(first)
    const from = start === -1 ? Math.max(0, all.length - size) : start
    // With room left, what comes is shown from the same beginning on.
    if (size !== Infinity && all.length >= size) first = all[from]
    const next = all
      .slice(from)
      .map((id) => thread.view(id))
      .filter((view) => view !== undefined)
    if (next.length !== shown.length || next.some((view, index) => view !== shown[index])) shown = next
    return shown
  }

  function showFrom(index: number): void {
    const from = Math.max(0, index)
    size = Math.max(size, all.length - from)
    if (size !== Infinity) first = all[from]
    version = -1
    listeners.notify()
  }

  let before = shown
  let hadOlder = false
  function changed(): void {
    const now = read()
    const hasOlder = now.length < all.length || thread.hasOlder
    if (now === before && hasOlder === hadOlder) return
    before = now
    hadOlder = hasOlder
    listeners.notify()
  }

  // While nobody listens the thread does not know of the view: one that a render made and forgot is no leak.
  let stop: (() => void) | undefined
  let isClosed = false
  function subscribe(run: () => void): () => void {
    if (isClosed) return () => undefined
    if (stop === undefined) {
      before = read()
      hadOlder = before.length < all.length || thread.hasOlder
      stop = thread.subscribe(changed)
    }
    const unsubscribe = listeners.subscribe(run)
    return () => {
      unsubscribe()
      if (listeners.size > 0) return
      stop?.()
      stop = undefined
    }
  }

  return {
    branch,
    get: read,
    subscribe,
    get hasOlder() {
      return read().length < all.length || thread.hasOlder
    },
    async loadOlder(count = 50) {
      await Promise.resolve()
      const wanted = read().length + count
      // Of what is read some may belong to other branches.
      for (let isMore = true; isMore && !isClosed && all.length < wanted; read())
        isMore = await thread.loadOlder(wanted - all.length)
      showFrom(all.length - wanted)
    },
    async loadUntil(message) {
      if (!(await thread.loadUntil(message))) return false
      const count = read().length
      const index = all.indexOf(message)
      if (index !== -1 && index < all.length - count) showFrom(index)
      return index !== -1
    },
    close() {
      read()
      isClosed = true
      stop?.()
      listeners.clear()
    },
  }
}
