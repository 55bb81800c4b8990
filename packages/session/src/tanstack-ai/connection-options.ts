/** Options of `sessionConnection`. */
export interface SessionConnectionOptions {
  /** Absent: the first branch. */
  readonly branch?: string | undefined
  /**
   * How long the client waits for an agent to begin, in milliseconds; behind that it is told that nobody answers. An answer
   * that comes later is shown all the same. Default 15,000.
   */
  readonly answerTimeout?: number | undefined
  /**
   * How long a run whose process has died may wait for another process before the client is told that it is interrupted, in
   * milliseconds. Where one takes it over later, the client shows that. Default 4,000.
   */
  readonly takeOverTime?: number | undefined
  /**
   * Whether the client's `stop()` cancels the run: it is an abort, as is that a view goes away. With `false` no abort cancels
   * anything, and `connection.stop()` does. Default `true`: an abort cancels, unless the view goes away with it (the client is
   * disposed of or attached anew in the same moment).
   */
  readonly cancelOnAbort?: boolean | undefined
}
