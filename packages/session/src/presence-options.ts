import type { Participant } from './rows.ts'

/** How presence is kept, in milliseconds unless told. */
export interface PresenceOptions {
  /** The stream; default: `presence` below the session's own. */
  readonly url?: string | undefined
  /** After how long a device that is not heard of is gone. Default 75,000: a hidden tab has a timer a minute. */
  readonly ttl?: number | undefined
  /** The same while the device holds runs: then others take over. Default 6,000. */
  readonly leaseTtl?: number | undefined
  /** How old the stream gets, in seconds, before another one takes its place. Default 600. */
  readonly lifetime?: number | undefined
}

/** Who takes part, and how long silence means absence. */
export interface PresenceContext {
  readonly me: Participant
  readonly device: string
  readonly ttl: number
  readonly leaseTtl: number
  /** Nobody is told that this device is there: it is heard of while it holds runs, and hears while there are runs. */
  readonly isHidden: boolean
  readonly signal: AbortSignal
}
