import { eventually } from './eventually.ts'
import type { EventuallyOptions } from './eventually.ts'

/** How long to wait, of real time, and until when. */
export type WaitOptions = EventuallyOptions

/** Thrown where waiting is of no use. */
class Hopeless extends Error {}

/** What a wait looks at, and what it says of what it saw last. */
export interface Wait<Value> {
  /** `waitForRow "1"`: begins the messages. */
  readonly what: string
  /** Returns what is waited for, or undefined; may throw by `giveUp`. */
  readonly look: () => Value | undefined | Promise<Value | undefined>
  /** What is there in place of what is waited for. */
  readonly found: () => string
}

/** Ends a wait at once, for a reason that does not pass. */
export function giveUp(why: string, cause?: unknown): never {
  throw new Hopeless(why, { cause })
}

/**
 * Resolves as soon as `look` returns a value. Rejects with the actual state at the timeout, by default 5,000 milliseconds of
 * real time, and when it gives up.
 */
export async function waitFor<Value>(
  { what, look, found }: Wait<Value>,
  options: WaitOptions = {},
): Promise<Value> {
  const { timeout = 5_000 } = options
  const outcome = await eventually(async () => {
    const value = await lookOnce(look)
    if (value === undefined) throw new Error(`${what}: not within ${timeout} ms. ${found()}`)
    return value
  }, options)
  if (outcome instanceof Hopeless) throw new Error(`${what}: ${outcome.message}`, { cause: outcome.cause })
  return outcome
}

async function lookOnce<Value>(look: Wait<Value>['look']): Promise<Value | Hopeless | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Hopeless) return error
    throw error
  }
}
