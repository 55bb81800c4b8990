/** A value that changes, in the shape that every framework binds to: React's `useSyncExternalStore`, a Vue ref, a signal. */
export interface Readable<Value> {
  /** Returns the value; the same object until it changes. Bound. */
  readonly get: () => Value
  /** Calls `run` after every change; returns what ends that. Bound. */
  readonly subscribe: (run: () => void) => () => void
}
