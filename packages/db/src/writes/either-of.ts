/** Returns a signal that aborts when one of two does, with its reason. (`AbortSignal.any` is too new for some browsers.) */
export function eitherOf(left: AbortSignal, right: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const listen = (signal: AbortSignal): void => {
    const { signal: ended } = controller
    if (signal.aborted) controller.abort(signal.reason)
    // Listeners go with the signal that they are told of.
    else
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true, signal: ended })
  }
  listen(left)
  listen(right)
  return controller.signal
}
