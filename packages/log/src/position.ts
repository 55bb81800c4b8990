import { fingerprint } from './fingerprint.ts'
import { isBefore, start } from './offsets.ts'
import type { PageHead } from './page-head.ts'
import { areDifferentStreams } from './stream-id.ts'

/** A reader's position in a log. It moves only after the items before it are applied. */
export interface Position {
  readonly offset: string
  /** What the last response said, for caches on the way. */
  readonly cursor?: string | undefined
  readonly streamId?: string | undefined
  /** How much was taken in of the response at `offset`, which broke off. */
  readonly partial?: PartialResponse | undefined
}

/** What was taken in of a response that has not ended: its first item, and how many items. */
export interface PartialResponse {
  readonly fingerprint: number
  readonly processedCount: number
}

/** Items of a response, and how many of it came before them. */
export interface ResponsePart {
  readonly items: readonly unknown[]
  readonly first: number
  readonly complete: boolean
}

/** What a response says about the position it was asked for. */
export type Verdict =
  /** Its items lie behind the position, and reading goes on behind them. */
  | 'continues'
  /** There is nothing, and the server does not say that this is all: a replica that lags behind. */
  | 'empty'
  /** It leads nowhere, with items: a stale copy of an earlier answer. */
  | 'stale'
  /** Its offset lies before the position: the stream has become shorter, or a replica is behind. */
  | 'went-back'
  /** It is another stream's. */
  | 'replaced'
  /** It does not say where reading goes on. */
  | 'no-offset'

export const logStart: Position = { offset: start }

/** Judges the head of a response that was asked for at `position`; `hasItems`: whether items come with it. */
export function judge(
  position: Position,
  head: Pick<PageHead, 'offset' | 'upToDate' | 'closed' | 'streamId'>,
  hasItems: boolean,
): Verdict {
  const { offset, upToDate, closed, streamId } = head
  if (areDifferentStreams(streamId, position.streamId)) return 'replaced'
  if (offset === undefined) return hasItems || !(upToDate || closed) ? 'no-offset' : 'continues'
  if (isBefore(offset, position.offset)) return 'went-back'
  if (offset !== position.offset) return 'continues'
  if (hasItems) return 'stale'
  return upToDate || closed ? 'continues' : 'empty'
}

/** Whether a response is not the one of which a part was taken in: another stream, or less of it. */
export function isDifferentResponse(
  { partial }: Position,
  { items, first, complete }: ResponsePart,
): boolean {
  if (partial === undefined) return false
  if (complete && first + items.length < partial.processedCount) return true
  return first === 0 && items.length > 0 && fingerprint(items[0]) !== partial.fingerprint
}

/** Returns the position after a part of a response was taken in. */
export function advance(
  position: Position,
  part: ResponsePart,
  head: Pick<PageHead, 'offset' | 'cursor' | 'streamId'>,
): Position {
  const streamId = head.streamId ?? position.streamId
  if (part.complete) return { offset: head.offset ?? position.offset, cursor: head.cursor, streamId }
  const { partial } = position
  const processedCount = part.first + part.items.length
  return {
    ...position,
    streamId,
    partial: {
      fingerprint: partial?.fingerprint ?? fingerprint(part.items[0]),
      processedCount: Math.max(partial?.processedCount ?? 0, processedCount),
    },
  }
}
