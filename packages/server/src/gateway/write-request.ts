import type { ChangeEvent, ControlEvent } from '@streamdb/state'
import type { ActionCall } from '../actions/action-call.ts'
import type { Principal } from './principal.ts'
import type { ProducerHeaders } from './producer.ts'

/** A change that asks to be written, and was validated. */
export interface RequestedChange {
  readonly kind: 'change'
  /** Which event of the request, from 0. */
  readonly index: number
  /** With the value that will be stored, and the headers of the writer. */
  readonly event: ChangeEvent
  /** What the schema returned for the value; nothing for a delete. */
  readonly row: unknown
  readonly txid: string | undefined
  /** What tells it from other events of its transaction. */
  readonly identity: string
}

/** A statement about the log that asks to be written. */
export interface RequestedControl {
  readonly kind: 'control'
  readonly index: number
  readonly event: ControlEvent
}

export type RequestedEvent = RequestedChange | RequestedControl

/** A request to write to a stream, as far as it can be judged without the stream's rows. */
export interface WriteRequest<User extends Principal = Principal> {
  readonly user: User
  readonly stream: string
  /** Empty where the stream is only to be closed. */
  readonly events: readonly RequestedEvent[]
  readonly producer: ProducerHeaders | undefined
  readonly closes: boolean
  /** The server action that writes in place of events. */
  readonly call?: ActionCall<User> | undefined
  readonly signal: AbortSignal
}
