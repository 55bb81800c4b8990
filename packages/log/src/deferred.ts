/** A promise, and what settles it. */
export interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Returns a promise that others settle. Nobody has to read it: its rejection is no unhandled one. */
export function deferred(): Deferred {
  let resolve = (): void => undefined
  let reject: Deferred['reject'] = () => undefined
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle))
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
