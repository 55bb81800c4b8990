import type { Batch } from '@streamdb/log'
import type { StateEvent } from '@streamdb/state'
import type { StreamBatch } from '../observe.ts'

/** Returns a batch as observers see it; `items`: those of it that are new. */
export function toStreamBatch(batch: Batch, items: readonly unknown[]): StreamBatch {
  return {
    // Observers are given the log as it is; what of it is invalid is in `issues`.
    items: items as readonly StateEvent[],
    offset: reachedBy(batch),
    upToDate: batch.upToDate,
    streamClosed: batch.closed,
    ...(batch.cursor !== undefined && { cursor: batch.cursor }),
  }
}

/** Returns where reading may go on. Inside a response no offset is known: then that is where the response began. */
export function reachedBy({ complete, offset, from }: Batch): string {
  return complete ? offset : from
}
