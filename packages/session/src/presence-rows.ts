import type { Participant } from './rows.ts'

/** A device of a participant, as others see it. */
export interface PresentDevice {
  readonly device: string
  readonly participant: string
  readonly kind: Participant['kind']
  readonly name?: string | undefined
  readonly isPresent: boolean
  /** What the device says of itself: typing, a cursor, any small state. */
  readonly state?: unknown
  /** When its clock said so last, ISO 8601. */
  readonly lastSeen?: string | undefined
}

/** What a device says of itself. */
export interface PresenceRow {
  readonly participant: string
  readonly kind: Participant['kind']
  readonly name?: string | undefined
  readonly ttl: number
  /** It holds runs: its lease is `ttl`. */
  readonly holds?: boolean | undefined
  readonly beat: number
  /** The process: a device that starts anew is another one. */
  readonly instance?: string | undefined
  readonly at: string
  readonly state?: unknown
  /** It has just come, and asks the others to say that they are there. */
  readonly hello?: boolean | undefined
  readonly left?: boolean | undefined
}

/** A device that is there says so as `presence`; one that is not shown, while it holds runs, as `lease`. */
export type PresenceEventType = 'presence' | 'lease'

/** What is on the stream. */
export interface PresenceEvent {
  readonly type?: string
  readonly key: string
  readonly value?: PresenceRow
}

/** Returns what a device appends. */
export function presenceEvent(type: PresenceEventType, device: string, value: PresenceRow): object {
  return { type, key: device, value, headers: { operation: 'upsert' } }
}
