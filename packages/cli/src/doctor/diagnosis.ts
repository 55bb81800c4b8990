import type { Location } from '../options.ts'

/** What one check came to. */
export interface Diagnosis {
  readonly check: string
  readonly verdict: 'ok' | 'warning' | 'fault' | 'skipped'
  /** What was found. */
  readonly message: string
  /** How to mend it: a sentence without its full stop. */
  readonly remedy?: string | undefined
}

/** What the checks of a stream work with. */
export interface Patient {
  readonly location: Location
  /** Where pages come from that read the stream. */
  readonly origin: string
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number
  /** Streams may be made and deleted beside it. */
  readonly mayProbe: boolean
  readonly signal: AbortSignal
}

/** Returns the URL of a stream with parameters. */
export function withParams(url: string, params: Readonly<Record<string, string>>): string {
  const target = new URL(url)
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value)
  return target.href
}

/** Returns a signal that aborts with the command, and after a time. */
export function within({ signal, timeout }: Pick<Patient, 'signal' | 'timeout'>): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeout)])
}
