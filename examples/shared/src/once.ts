/**
 * Returns what opens something once, however often it is asked: StrictMode mounts everything twice. After a failure it is
 * opened anew.
 */
export function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opening: Promise<Value> | undefined
  return async () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
}
