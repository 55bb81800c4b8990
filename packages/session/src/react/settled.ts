/** Returns the promise; where it rejects and nobody listens, that is no unhandled rejection: a component may just call. */
export function withoutDuty<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  return promise
}
