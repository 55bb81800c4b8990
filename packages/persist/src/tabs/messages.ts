import { StreamDBError, TooLargeItem } from '@streamdb/log'
import type {
  Batch,
  Checkpoint,
  ConnectionEvent,
  ReadMode,
  StreamDBErrorCode,
  VerifyReason,
} from '@streamdb/log'
import type { Thefts } from './election.ts'
import type { TabPosition } from './position.ts'

/**
 * What tabs send each other. Another version of the library may send other things: the name of the channel has the
 * version of these.
 */
export type TabMessage =
  /** The leader is there. Before it has claimed its epoch it has none. */
  | {
      readonly type: 'beat'
      readonly epoch: number | undefined
      /** The number of the last news. */
      readonly seq: number
      readonly thefts: Thefts
    }
  /** Is the leader there? */
  | { readonly type: 'ask' }
  /** A follower asks for what follows `at`; `id` is its own. */
  | { readonly type: 'join'; readonly id: string; readonly at: TabPosition }
  /** What follows, for the tab that asked. */
  | ({ readonly type: 'welcome'; readonly to: string } & Welcome)
  /** The leader reads a log that it has not stored yet: the follower gets its welcome when it has. */
  | {
      readonly type: 'wait'
      readonly to: string
      readonly epoch: number
      readonly connection: Connection
    }
  /** What the leader's source delivered. */
  | ({ readonly type: 'news'; readonly epoch: number; readonly seq: number } & News)
  /** The leader reads the log anew: everybody joins again. */
  | { readonly type: 'void'; readonly epoch: number }
  /** Everything up to there is in the store. */
  | { readonly type: 'saved'; readonly epoch: number; readonly checkpoint: Checkpoint }
  /** What a follower is asked to do, and does not do itself. */
  | { readonly type: 'request'; readonly request: LeaderRequest }
  /** Writes were put into the outbox, or became something else there. */
  | { readonly type: 'ring' }
  /** Everything that was stored is removed: nobody stores anything more. */
  | { readonly type: 'cleared' }

/** What a follower that has everything up to `begin` gets. */
export interface Welcome {
  readonly epoch: number
  /** The number of the last news before it. */
  readonly seq: number
  /** What was delivered since the store was saved, or since the place that was asked for. */
  readonly batches: readonly Batch[]
  /** Where the leader stands. */
  readonly at: TabPosition
  readonly streamId: string | undefined
  readonly isUpToDate: boolean
  readonly isClosed: boolean
  readonly connection: Connection
}

/** News of the leader's source. */
export type News =
  | { readonly from: TabPosition; readonly to: TabPosition; readonly batch: Batch }
  | { readonly event: SentEvent }
  | { readonly refusedSeek: string }

/** What the leader knows of its connection: the last event, and how it reads. */
export interface Connection {
  readonly event: SentEvent | undefined
  readonly mode: ReadMode | undefined
}

export type LeaderRequest =
  | { readonly type: 'retry' }
  | { readonly type: 'start' }
  /** To save what is visible, and to tell how far the store goes. */
  | { readonly type: 'save' }
  | { readonly type: 'verify'; readonly reason: VerifyReason }

/** A connection event as a message holds it: an error loses its class on the way, and gets it back. */
export type SentEvent =
  | Exclude<ConnectionEvent, { readonly error: StreamDBError }>
  | (DistributiveOmit<Extract<ConnectionEvent, { readonly error: StreamDBError }>, 'error'> & {
      readonly error: SentError
    })

type DistributiveOmit<Union, Name extends string> = Union extends unknown ? Omit<Union, Name> : never

interface SentError {
  readonly code: StreamDBErrorCode
  readonly message: string
  readonly status?: number | undefined
  readonly body?: unknown
}

export function sendEvent(event: ConnectionEvent): SentEvent {
  if (!('error' in event)) return event
  const { code, message, status, body } = event.error
  return { ...event, error: { code, message, status, body } }
}

export function receiveEvent(event: SentEvent): ConnectionEvent {
  if (!('error' in event)) return event
  const { code, message, ...rest } = event.error
  return { ...event, error: new StreamDBError(code, message, rest) }
}

/** An item that was too large to be parsed stands in a batch as an object of a class: a message holds its fields. */
const tooLarge = '\u0000streamdb:too-large'

export function sendBatch(batch: Batch): Batch {
  if (!batch.items.some((item) => item instanceof TooLargeItem)) return batch
  const items = batch.items.map((item) =>
    item instanceof TooLargeItem ? { [tooLarge]: [item.size, item.limit] } : item,
  )
  return { ...batch, items }
}

export function receiveBatch(batch: Batch): Batch {
  if (!batch.items.some(isTooLarge)) return batch
  const items = batch.items.map((item) => (isTooLarge(item) ? new TooLargeItem(...item[tooLarge]) : item))
  return { ...batch, items }
}

function isTooLarge(item: unknown): item is { readonly [tooLarge]: readonly [number, number] } {
  return typeof item === 'object' && item !== null && Object.hasOwn(item, tooLarge)
}
