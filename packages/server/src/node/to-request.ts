import type { IncomingMessage } from 'node:http'

/** A request of the web, and the one of Node that it stands for. */
export interface WebRequest {
  readonly request: Request
  /** Ends its body where it was not read to its end: what is left can be read of Node's. */
  readonly release: () => void
}

/** Returns a request of Node as one of the web; nothing where it cannot be one. */
export function toRequest(incoming: IncomingMessage, signal: AbortSignal): WebRequest | undefined {
  const { method = 'GET', url = '/', rawHeaders } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  // By what parses bodies in front of this, say: nothing more would ever come of it.
  const wasRead = hasBody && incoming.readableEnded
  const body = hasBody && !wasRead ? toBody(incoming) : undefined
  const init: RequestInit & { duplex?: 'half' } = {
    ...{ method, signal },
    ...(body && { body: body.stream, duplex: 'half' }),
    ...(wasRead && { body: ' ' }),
  }
  try {
    const headers = new Headers()
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
      headers.append(name, value)
    }
    // The host is the client's to say: nothing here goes by it.
    const target = url.startsWith('/') ? `http://localhost${url}` : url
    const request = new Request(target, { ...init, headers })
    // `bodyUsed` shows this to later readers.
    if (wasRead) void request.text()
    return { request, release: () => body?.release() }
  } catch {
    return undefined
  }
}

/** A body that is read as fast as it is asked for. Giving it up leaves the connection open, for the answer. */
function toBody(incoming: IncomingMessage): {
  readonly stream: ReadableStream<Uint8Array>
  readonly release: () => void
} {
  let stop = (): void => undefined
  let release = (): void => undefined
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const onData = (chunk: Uint8Array): void => {
          controller.enqueue(new Uint8Array(chunk))
          incoming.pause()
        }
        const onEnd = (): void => {
          stop()
          controller.close()
        }
        const onClose = (): void => {
          stop()
          controller.error(new Error('The body ended before all of it was read'))
        }
        stop = () => {
          release = stop = () => undefined
          incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
          // What else goes wrong with it is of no interest.
          incoming.on('error', () => undefined)
          incoming.pause()
        }
        release = onClose
        incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
        incoming.pause()
      },
      pull: () => void incoming.resume(),
      cancel: () => stop(),
    },
    { highWaterMark: 0 },
  )
  return { stream, release: () => release() }
}
