import type { IncomingMessage } from 'node:http'

/** Returns a request of Node as one of the web; nothing where it cannot be one. */
export function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '/', rawHeaders } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const init: RequestInit & { duplex?: 'half' } = {
    ...{ method, signal },
    ...(hasBody && { body: toBody(incoming), duplex: 'half' }),
  }
  try {
    const headers = new Headers()
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
      headers.append(name, value)
    }
    // The host is the client's to say: nothing here goes by it.
    const target = url.startsWith('/') ? `http://localhost${url}` : url
    return new Request(target, { ...init, headers })
  } catch {
    return undefined
  }
}

/** A body that is read as fast as it is asked for. Giving it up leaves the connection open, for the answer. */
function toBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let stop = (): void => undefined
  return new ReadableStream<Uint8Array>(
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
          controller.error(new Error('The client went before it had sent everything'))
        }
        stop = () => {
          incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
          // What else goes wrong with it is of no interest.
          incoming.on('error', () => undefined)
        }
        incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
        incoming.pause()
      },
      pull: () => void incoming.resume(),
      cancel: () => {
        stop()
        incoming.pause()
      },
    },
    { highWaterMark: 0 },
  )
}
