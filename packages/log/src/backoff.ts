/** How reading and writing wait, and when they give up. In milliseconds. */
export interface ReaderTimes {
  /** The first pause after a break; it doubles, with jitter, to a second, and after a dozen attempts up to `maxDelay`. */
  readonly initialDelay: number
  readonly maxDelay: number
  /** How long a response's head may take. */
  readonly connectTimeout: number
  /**
   * How long a page may be silent before it is requested again, and a live connection before a page is read in addition; less
   * for a log that is rarely silent.
   */
  readonly idleTimeout: number
  /** Failed attempts in a row before it is given up; `Infinity` never gives up. */
  readonly maxRetries: number
}

/** The times of reading and writing unless an option says otherwise, in milliseconds; retries never end by themselves. */
export const defaultTimes: ReaderTimes = {
  initialDelay: 100,
  // A server that fails over does so within seconds: waiting for longer would be waiting for nothing.
  maxDelay: 5_000,
  connectTimeout: 15_000,
  // Well under the time after which a write that does not come back is looked for.
  idleTimeout: 20_000,
  maxRetries: Infinity,
}

/** The longest pause while a failover may be under way, in milliseconds: a longer one would delay the recovery. */
const FAILOVER_DELAY = 1_000
/** After how many attempts it is no failover: some ten seconds. */
const FAILOVER_ATTEMPTS = 15

/** Returns how long to wait after a number of failed attempts. */
export function backoff({ initialDelay, maxDelay }: ReaderTimes, attempt: number): number {
  const patient = Math.max(initialDelay, FAILOVER_DELAY)
  const doubled =
    attempt <= FAILOVER_ATTEMPTS
      ? Math.min(patient, initialDelay * 2 ** (attempt - 1))
      : patient * 2 ** (attempt - FAILOVER_ATTEMPTS)
  // Full jitter would let a fleet come back at once now and then; half of the pause is fixed.
  const ceiling = Math.min(maxDelay, doubled)
  return ceiling / 2 + Math.random() * (ceiling / 2)
}
