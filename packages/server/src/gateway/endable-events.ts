import { EventBoundary } from './event-boundary.ts'

/** A body of server-sent events that can be ended early. */
export interface EndableEvents {
  readonly body: ReadableStream<Uint8Array>
  /** Ends it behind the event that is on its way. May be called again. */
  readonly end: () => void
}

/** How long the rest of an event may take to come, in milliseconds: a read that has to end does not wait for it without a limit. */
const grace = 5_000

/** Returns a body that can be ended, and that calls `onEnd` once, however it ends. */
export function endableEvents(from: ReadableStream<Uint8Array>, onEnd: () => void): EndableEvents {
  const reader = from.getReader()
  const boundary = new EventBoundary()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isEnding = false
  let isOver = false
  let close = (): void => undefined

  const end = (): void => {
    isOver = true
    clearTimeout(timer)
    onEnd()
  }
  const finish = (): void => {
    if (isOver) return
    end()
    close()
    void reader.cancel().catch(() => undefined)
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        close = () => controller.close()
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (isOver) return
          if (done) return finish()
          controller.enqueue(value.subarray(0, boundary.read(value, isEnding)))
          if (isEnding && boundary.isHere) finish()
        } catch (error) {
          if (isOver) return
          end()
          controller.error(error)
        }
      },
      cancel(reason) {
        if (!isOver) end()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return {
    body,
    end() {
      if (isEnding || isOver) return
      isEnding = true
      if (boundary.isHere) finish()
      else timer = setTimeout(finish, grace)
    },
  }
}
