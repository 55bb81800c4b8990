import { StreamDBError } from '@streamdb/log'
import type { TabClock } from './tabs/browser.ts'
import { realClock } from './tabs/real-browser.ts'

/** The time is counted in so many parts. */
const PARTS = 5

/** How an answer is waited for. */
export interface BeforeOptions<Value> {
  /** Who is to answer, for the message. */
  readonly who?: string | undefined
  /** Given what comes after that time. */
  readonly late?: ((value: Value) => void) | undefined
  readonly clock?: Pick<TabClock, 'now' | 'after'> | undefined
}

/**
 * Resolves as `promise` does, or rejects with `storage-failed` after `ms` milliseconds.
 *
 * Only time in which the tab runs counts: in one that was frozen the answer may lie in the queue, behind the timer. A part
 * that took too long counts for a quarter, as timers of hidden tabs are late without end.
 */
export async function before<Value>(
  ms: number,
  promise: Promise<Value>,
  { who = 'The store', late, clock = realClock }: BeforeOptions<Value> = {},
): Promise<Value> {
  let cancel: () => void = () => undefined
  let isOver = false
  const timeout = new Promise<never>((_, reject) => {
    const part = ms / PARTS
    let left = ms
    const wait = (): void => {
      const began = clock.now()
      cancel = clock.after(part, () => {
        left -= clock.now() - began > 2 * part ? part / 4 : part
        if (left > 0) return wait()
        isOver = true
        reject(new StreamDBError('storage-failed', `${who} did not answer within ${ms} ms`))
      })
    }
    wait()
  })
  promise.then(
    (value) => isOver && late?.(value),
    () => undefined,
  )
  try {
    return await Promise.race([promise, timeout])
  } finally {
    cancel()
  }
}
