import { Refusal } from './refusal.ts'
import { settleInTime } from './settle-in-time.ts'

/** A request to write. */
export interface RateContext<User> {
  readonly user: User
  readonly stream: string
  /** How many events; 1 for a call of an action, 0 where a stream is created, closed or deleted. */
  readonly events: number
}

/**
 * The result of the application's limit: `undefined` and `true` allow the write; `false` refuses it for one second, and
 * `retryAfter` for that many seconds.
 */
// oxlint-disable-next-line typescript/no-invalid-void-type -- the result of a function that returns nothing
export type RateVerdict = boolean | void | undefined | { readonly retryAfter: number }

/** Counts writes in a place that all gateways of an application share. */
export type SharedRate<User> = (context: RateContext<User>) => RateVerdict | Promise<RateVerdict>

/** What asking works with. */
export interface SharedRateOptions<User> {
  readonly rateLimit: SharedRate<User> | undefined
  /** How long it may take, in milliseconds. */
  readonly timeout: number
  readonly report: (error: unknown) => void
}

/** Calls the application's limit. Throws a refusal: 429; or 503 if it throws or does not settle in time, after a call of `report`. */
export async function takeSharedRate<User>(
  context: RateContext<User>,
  { rateLimit, timeout, report }: SharedRateOptions<User>,
): Promise<void> {
  if (rateLimit === undefined) return
  let verdict: RateVerdict
  try {
    verdict = await settleInTime('rateLimit', timeout, () => rateLimit(context))
  } catch (error) {
    report(error)
    throw refuse(503, 'undecided', 'The server could not decide about the write.', 1)
  }
  if (verdict === undefined || verdict === true) return
  const { retryAfter } = Object(verdict) as { readonly retryAfter?: unknown } // whatever the application returned
  const seconds = Number.isFinite(retryAfter) ? Math.max(1, Math.ceil(Number(retryAfter))) : 1
  throw refuse(429, 'rate-limited', 'No more is accepted now.', seconds)
}

function refuse(status: number, code: string, message: string, seconds: number): Refusal {
  return new Refusal({ status, code, message, headers: { 'retry-after': String(seconds) } })
}
