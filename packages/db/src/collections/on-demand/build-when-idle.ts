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
  /** Given the index, or nothing where a row changed meanwhile. */
  readonly onEnd: (index: FieldIndex | undefined) => void
}

/** Builds an index slice by slice, while nothing else is to be done. */
export function buildWhenIdle({ path, rows, isCurrent, onEnd }: IndexBuild): void {
  const index = new FieldIndex(path)
  const entries = rows.entries()
  const step = (): void => {
    if (!isCurrent()) return onEnd(undefined)
    for (let count = 0; count < SLICE; count++) {
      const { value, done } = entries.next()
      if (done === true) return onEnd(index)
      index.add(value[0], value[1])
    }
    whenIdle(step)
  }
  whenIdle(step)
}

function whenIdle(run: () => void): void {
  // Absent in Safari and in Node.
  const { requestIdleCallback } = globalThis as {
    requestIdleCallback?: (run: () => void, options: { timeout: number }) => unknown
  }
  if (requestIdleCallback !== undefined) requestIdleCallback(run, { timeout: 1_000 })
  else {
    // It keeps no process running.
    const timer: unknown = setTimeout(run, 1)
    ;(timer as { unref?: () => void }).unref?.() // a number in browsers
  }
}
