import type { Readable } from '../readable.ts'
import type { History } from './undo-history.ts'

/** What undo and redo would do. */
export interface HistoryState {
  readonly canUndo: boolean
  readonly canRedo: boolean
}

/** Returns a history's state as a `Readable`: the same object until it changes. */
export function historyState(history: History): Readable<HistoryState> {
  let state: HistoryState = { canUndo: history.canUndo, canRedo: history.canRedo }
  return {
    get() {
      const { canUndo, canRedo } = history
      if (state.canUndo !== canUndo || state.canRedo !== canRedo) state = { canUndo, canRedo }
      return state
    },
    subscribe: (run) => history.subscribe(run),
  }
}
