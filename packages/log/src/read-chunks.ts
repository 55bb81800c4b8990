import { ConnectionError } from './http-error.ts'

/** Reads a body chunk by chunk; cancels it when the consumer stops. A broken connection throws a `ConnectionError`. */
export async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader()
  let isDone = false
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        isDone = true
        throw new ConnectionError(cause)
      })
      if (done) {
        isDone = true
        return
      }
      yield value
    }
  } finally {
    if (!isDone) void reader.cancel().catch(() => undefined)
  }
}
