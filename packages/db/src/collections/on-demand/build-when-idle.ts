import { FieldIndex } from './field-index.ts'
import type { FieldPath } from './fields.ts'

/** So many rows are looked at in one go: some three milliseconds. */
const SLICE = 20_000

/** What an index is built of, while nothing of it changes. */
interface IndexBuild {
  readonly path: FieldPath
  readonly rows: ReadonlyMap<string, object>
  /** Whether the rows are those of the beginning, and the index is still wanted. */
  readonly isCurrent: () => boolean
  /** Ends it, and its timer. */
  readonly signal: AbortSignal | undefined
  /** Given the index, or nothing where a row changed meanwhile. */
  readonly onEnd: (index: FieldIndex | undefined) => void
}

/** Builds an index slice by slice, while nothing else is to be done. */
export function buildWhenIdle({ path, rows, isCurrent, signal, onEnd }: IndexBuild): void {
  const index = new FieldIndex(path)
  const entries = rows.entries()
  const step = (): void => {
    if (!isCurrent()) return onEnd(undefined)
    for (let count = 0; count < SLICE; count++) {
      const { value, done } = entries.next()
      if (done === true) return onEnd(index)
      index.add(value[0], value[1])
    }
    whenIdle(step, signal)
  }
  whenIdle(() => {
    prepareCollation()
    step()
  }, signal)
}

/**
 * TanStack's index of a field compares texts by locale, and the first such comparison of a process takes some 5 ms: two texts
 * are compared now, and not when the next query puts its rows into that index.
 */
function prepareCollation(): void {
  'a'.localeCompare('b')
}

function whenIdle(run: () => void, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) return
  const cancel = schedule(() => {
    signal?.removeEventListener('abort', cancel)
    run()
  })
  signal?.addEventListener('abort', cancel, { once: true })
}

/** Calls `run` when there is time; returns what prevents it. */
function schedule(run: () => void): () => void {
  // Absent in Safari and in Node.
  const { requestIdleCallback, cancelIdleCallback } = globalThis as Partial<typeof globalThis>
  if (requestIdleCallback !== undefined) {
    const request = requestIdleCallback(run, { timeout: 1_000 })
    return () => cancelIdleCallback?.(request)
  }
  const timer = setTimeout(run, 1)
  // It keeps no process running; a number in browsers.
  ;(timer as { unref?: () => void }).unref?.()
  return () => clearTimeout(timer)
}
