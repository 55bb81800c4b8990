import { StreamDBError } from '@streamdb/log'
import { Refusal } from './refusal.ts'

/** How a body may be. */
export interface BodyLimits {
  /** How large, in bytes. */
  readonly bytes: number
  /** How long it may take to come, in milliseconds. */
  readonly timeout: number
}

/** What a body is given room for at first. */
const firstBytes = 16 * 1024

/** Reads a body of a bounded size in a bounded time. Throws a refusal: 408, 413, or 415 for one that is compressed. */
export async function readBody(
  request: Request,
  { bytes, timeout }: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') {
    throw new Refusal({
      status: 415,
      code: 'encoding',
      message: 'Expected a body that is not compressed.',
      headers: { 'accept-encoding': 'identity' },
    })
  }
  // Absent where the body comes in pieces.
  if (Number(request.headers.get('content-length') ?? 0) > bytes) throw tooLarge(bytes)
  if (request.bodyUsed) {
    throw new StreamDBError(
      'invalid-options',
      'The body of a request was read before the gateway: neither authenticate nor what is in front of the handler may read it',
    )
  }
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), timeout)
  const deadline = Date.now() + timeout
  // Copied as they come: pieces of one byte would take a hundred times as much to keep.
  let body = new Uint8Array(Math.min(bytes, firstBytes))
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (Date.now() >= deadline && !done) throw tooSlow(timeout)
      if (done) break
      const end = size + value.byteLength
      if (end > bytes) throw tooLarge(bytes)
      if (end > body.byteLength) body = grow(body, Math.min(bytes, Math.max(end, body.byteLength * 2)))
      body.set(value, size)
      size = end
    }
    // Cancelled by the timer.
    if (Date.now() >= deadline) throw tooSlow(timeout)
  } catch (error) {
    void reader.cancel().catch(() => undefined)
    if (error instanceof Refusal) throw error
    throw new Refusal({ status: 400, code: 'invalid-body', message: 'The body broke off.' })
  } finally {
    clearTimeout(timer)
  }
  return body.subarray(0, size)
}

function grow(body: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(bytes)
  grown.set(body)
  return grown
}

function tooLarge(bytes: number): Refusal {
  const message = `The body is too large: at most ${bytes} bytes are accepted.`
  return new Refusal({ status: 413, code: 'too-large', message })
}

function tooSlow(timeout: number): Refusal {
  const message = `The body did not come within ${timeout} ms.`
  return new Refusal({ status: 408, code: 'slow-body', message })
}
