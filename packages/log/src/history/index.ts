// Its own entry: who opens the past when it is asked for (`db.at`) loads this part then, and not with the reader.
export { openHistory } from './open-history.ts'
export type { HistoryOptions } from './open-history.ts'
export { differingFields } from './row-difference.ts'
export type {
  HistoryBase,
  HistoryPoint,
  HistoryReadOptions,
  PastState,
  PastTransaction,
  RowDifference,
  RowMove,
  StreamHistory,
} from './types.ts'
