import type { Requests } from './requests.ts'
import { ConnectionError, HttpError } from './http-error.ts'
import { isBefore } from './offsets.ts'
import { delay, withTimeout } from './timeout.ts'

/** The pause before each further request, in milliseconds. */
const pauses = [50, 200]

/**
 * Tells whether the log ends before `offset`: then the stream was replaced, or restored shorter, and some servers
 * answer every read from there as if nothing had happened.
 *
 * One answer proves nothing, as a replica may lag behind: all answers have to agree. A server that does not say where the log ends
 * counts as `intact`. `timeout`: how long each request may take, in milliseconds.
 */
export async function compareEnd(
  requests: Pick<Requests, 'read' | 'findEnd'>,
  offset: string,
  { signal, timeout }: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<'intact' | 'shorter'> {
  const byHead = (): Promise<string | undefined> =>
    withTimeout(signal, timeout, (each) => findEnd(requests, each))
  const byRead = (): Promise<string | undefined> =>
    withTimeout(signal, timeout, (each) => readNow(requests, each))
  const end = (await byRead()) ?? (await byHead())
  if (end === undefined || !isBefore(end, offset)) return 'intact'
  for (const ms of pauses) {
    await delay(ms, signal)
    if (signal.aborted) return 'intact'
    const again = (await byHead()) ?? (await byRead())
    if (again === undefined || !isBefore(again, offset)) return 'intact'
  }
  return 'shorter'
}

/** Asks by HEAD. */
async function findEnd(
  requests: Pick<Requests, 'findEnd'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  return requests.findEnd(signal).catch(ignoreFailure)
}

/** Asks by a read from the log's end: unlike HEAD, it is allowed wherever reading is. */
async function readNow(requests: Pick<Requests, 'read'>, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await requests.read({ offset: 'now', freshness: 'no-store', signal })
    response.cancel()
    const { offset } = response.head
    // A server that does not know the word says it again.
    return offset === 'now' ? undefined : offset
  } catch (error) {
    return ignoreFailure(error)
  }
}

/** A server may support neither, and CORS may refuse them. If the network is down, the next read reports it. */
function ignoreFailure(error: unknown): undefined {
  if (error instanceof HttpError || error instanceof ConnectionError) return undefined
  throw error
}
