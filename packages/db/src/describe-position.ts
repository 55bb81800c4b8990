import type { BatchPipeline } from './sync/batch-pipeline.ts'
import type { StatusStore } from './sync/status-store.ts'
import type { TxIds } from './writes/txids.ts'

/** Says where a database stands, for errors. */
export function describePosition(pipeline: BatchPipeline, status: StatusStore, txids: TxIds): string {
  const lately = txids.recent(3).join(', ') || 'no transaction'
  return `at offset ${pipeline.offset}, ${status.current.name}, seen lately: ${lately}`
}
