import { Refusal } from './refusal.ts'

/** Counts what a principal does, in a bounded memory. */
export interface RateLimit {
  /** Takes so many from what a principal may do now. Throws a refusal, 429, where there is not as much left. */
  take(principal: string, count: number): void
}

interface Bucket {
  left: number
  at: number
}

/** How many principals are remembered: those that were heard of last. */
const mostBuckets = 10_000

/** Returns a limit of `perMinute`, which may be used up at once. */
export function createRateLimit(perMinute: number, what: string, now: () => number = Date.now): RateLimit {
  // A Map keeps the order of insertion, so the principal with the oldest request is the first.
  const buckets = new Map<string, Bucket>()
  return {
    take(principal, count) {
      if (perMinute === Infinity) return
      const at = now()
      const known = buckets.get(principal) ?? { left: perMinute, at }
      const left = Math.min(perMinute, known.left + (Math.max(0, at - known.at) / 60_000) * perMinute)
      // More than a minute's worth is taken once nothing else was.
      const needed = Math.min(count, perMinute)
      buckets.delete(principal)
      buckets.set(principal, { left: left < needed ? left : left - count, at })
      for (const oldest of buckets.keys()) {
        if (buckets.size <= mostBuckets) break
        buckets.delete(oldest)
      }
      if (left < needed) throw limited(perMinute, what, ((needed - left) / perMinute) * 60)
    },
  }
}

function limited(perMinute: number, what: string, seconds: number): Refusal {
  return new Refusal({
    ...{ status: 429, code: 'rate-limited', message: `At most ${perMinute} ${what} a minute are accepted.` },
    headers: { 'retry-after': String(Math.max(1, Math.ceil(seconds))) },
  })
}
