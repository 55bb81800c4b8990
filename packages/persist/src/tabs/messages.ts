import type { Batch, Checkpoint, ConnectionEvent, RestartReason, VerifyReason } from '@streamdb/log'
import { StreamDBError } from '@streamdb/log'
import type { StreamDBErrorCode } from '@streamdb/log'
import type { Thefts } from './election.ts'

/** A position in what a source delivers: inside a response it is where that begins, and how many items are read of it. */
export interface TabPosition {
  readonly offset: string
  readonly items: number
}
