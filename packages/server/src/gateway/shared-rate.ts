import { Refusal } from './refusal.ts'
import { settleInTime } from './settle-in-time.ts'

/** What somebody asks to write. */
export interface RateContext<User> {
  readonly user: User
  readonly stream: string
  /** How many events; 1 for a call of an action, 0 where a stream is created, closed or deleted. */
  readonly events: number
}

/**
 * What a limit of the application says: nothing and `true` allow; `false` refuses, for a second, and `retryAfter` for as many
 * seconds.
 */
// oxlint-disable-next-line typescript/no-invalid-void-type -- the result of a function that returns nothing
export type RateVerdict = boolean | void | undefined | { readonly retryAfter: number }

/** Counts what is written where all gateways of an application count. */
export type SharedRate<User> = (context: RateContext<User>) => RateVerdict | Promise<RateVerdict>

/** What asking works with. */
export interface SharedRateOptions<User> {
  readonly rateLimit: SharedRate<User> | undefined
  /** How long it may take, in milliseconds. */
  readonly timeout: number
  readonly report: (error: unknown) => void
}

/** Asks the application's limit. Throws a refusal: 429; 503 where it throws or does not settle in time, of which `report` is told. */
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
