import { linkSignals } from './link-signals.ts'
import type { ReadRequest, ReadResponse, Requests } from './requests.ts'

/** The time without an answer, in milliseconds, after which a request is sent a second time. */
const PATIENCE = 1_000
/** How many are under way at once. */
const MOST = 3

/**
 * Asks, and once more whenever the answer takes long: a gateway may have handed the question to a server that is gone, while
 * another one could answer by now (SPEC CH6). Settles as the first of them does; three are under way at most: the first one, which
 * may be slow alone, and the last two.
 *
 * The one that settled keeps following `signal`: a response is read after its head.
 */
export async function hedge<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const asked: Attempt[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let onAbort = (): void => undefined
  const begin = (): Promise<Answer> => {
    const attempt = beginAttempt(signal)
    if (asked.length === MOST) for (const each of asked.splice(1, 1)) each.giveUp()
    asked.push(attempt)
    return ask(attempt.signal).then(
      (answer) => {
        abortAllBut(attempt)
        return answer
      },
      // One that was given up for another one does not settle anything.
      (error: unknown) => {
        if (attempt.signal.aborted && !signal.aborted) return new Promise<never>(() => undefined)
        throw error
      },
    )
  }
  const abortAllBut = (attempt: Attempt | undefined): void => {
    for (const each of asked.splice(0)) if (each !== attempt) each.giveUp()
  }
  try {
    return await new Promise<Answer>((resolve, reject) => {
      // A header function of the application may never settle: it is no longer awaited.
      onAbort = () => reject(signal.reason as Error) // of a timeout, or a doubt
      signal.addEventListener('abort', onAbort)
      const next = (): void => {
        timer = setTimeout(next, PATIENCE)
        begin().then(resolve, reject)
      }
      next()
    })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    abortAllBut(undefined)
  }
}

/** One of several times that the same is asked. */
interface Attempt {
  readonly signal: AbortSignal
  /** Aborts it, and leaves nothing on the signal of all. */
  readonly giveUp: () => void
}

function beginAttempt(all: AbortSignal): Attempt {
  const own = new AbortController()
  const { signal, unlink } = linkSignals([all, own.signal])
  return {
    signal,
    giveUp() {
      own.abort()
      unlink()
    },
  }
}

/** Returns requests whose reads are asked once more where their heads take long. */
export function hedgeReads(requests: Requests): Requests {
  return {
    ...requests,
    read: (request: ReadRequest): Promise<ReadResponse> =>
      hedge((signal) => requests.read({ ...request, signal }), request.signal),
  }
}
