import { readAppendAnswer } from './append-response.ts'
import { backoff } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import type { BatchSource } from './batch-source.ts'
import { explainUndecided } from './conditional-writes.ts'
import { StreamDBError, toStreamDBError } from './errors.ts'
import type { Requests } from './requests.ts'
import { ConnectionError, isPassing, statusOf } from './http-error.ts'
import { delay, withTimeout } from './timeout.ts'

/** How long it is waited for the reader, before a request is sent again that may be in the log. */
const CHECK_TIMEOUT = 15_000
/** How long an answer is waited for once a write was seen in the log. */
const SEEN_TIMEOUT = 1_000

/** What sending works with. */
export interface SendOptions {
  readonly requests: Pick<Requests, 'append' | 'url'>
  readonly times: ReaderTimes
  readonly signal: AbortSignal
  /** Refused credentials may be others at the next attempt. */
  readonly renews: boolean
  /** A stream that is missing is waited for, or made by the reader. */
  readonly waits: boolean
  /** Reads what the log holds by now. */
  readonly checkStored: (signal: AbortSignal) => Promise<void>
  readonly source?: Pick<BatchSource, 'verify'> | undefined
}

/** One message on its way, and what is known of it meanwhile. */
export interface Sending {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** It may be stored already, by an attempt before this call: the log is read first. */
  readonly mayBeStored?: boolean | undefined
  /** Whether it was seen in the log: all of a request is stored, or nothing. */
  readonly isStored: () => boolean
  readonly onRetry: (attempts: number, nextTry: number, error: StreamDBError) => void
  /** Receives the functions that skip a delay or shorten a timeout; called again for every attempt. */
  readonly onWaiting: (controls: SendControls) => void
}

/** What hurries a message that is under way. */
export interface SendControls {
  readonly skipDelay?: (() => void) | undefined
  readonly shortenTimeout?: (() => void) | undefined
}

/** How a message ended. */
export type SendResult =
  /** `text`: of the answer; nothing where the log said so, and no answer came. */
  | { readonly type: 'stored'; readonly offset: string | undefined; readonly text?: string | undefined }
  /** Nothing of it is stored; `producer-unknown`: it may be sent again by another producer. */
  | {
      readonly type: 'refused' | 'producer-unknown'
      readonly error: StreamDBError
      /** The invalid transaction, if the server names it: the others of the message may be sent again. */
      readonly txid?: string | undefined
    }
  /** It may be stored; the outcome is unknown. */
  | { readonly type: 'unknown'; readonly error: StreamDBError }

/**
 * Sends a message until it has a final answer. Throws when the signal aborts.
 *
 * A server that crashed after storing may have forgotten the producer: before another attempt the log is read, repeatedly until
 * that succeeds (SPEC W2).
 */
export async function sendWithRetry(sending: Sending, options: SendOptions): Promise<SendResult> {
  const { requests, times, signal, renews, waits, source } = options
  // True while no attempt so far can have been stored.
  const { mayBeStored = false } = sending
  let isAbsent = !mayBeStored
  for (let attempt = 1; ; attempt++) {
    let error: StreamDBError
    let retryAfter = 0
    const canRead: boolean = (attempt > 1 || mayBeStored) && (await checkStored(isAbsent, sending, options))
    if (sending.isStored()) return { type: 'stored', offset: undefined }
    isAbsent ||= canRead
    const wasAbsent: boolean = isAbsent
    try {
      const answer = await withTimeout(signal, times.connectTimeout, async (each, resetTimer) => {
        sending.onWaiting({ shortenTimeout: () => resetTimer(Math.min(SEEN_TIMEOUT, times.connectTimeout)) })
        const { body, headers } = sending
        const onSend = (): void => void (isAbsent = false)
        const response = await requests.append({ body, headers, signal: each, onSend })
        return readAppendAnswer(response, requests.url)
      })
      if (answer.type === 'stored') return answer
      error = explainUndecided(answer.error, sending.headers['content-type'], requests.url)
      if (answer.type !== 'no-answer') {
        const { status, retryAfter: asked = 0 } = answer.http
        retryAfter = asked
        if (status === 404) source?.verify('append-not-found')
        const mayPass = isPassing(status) || (waits && status === 404)
        // Credentials that can read, and are refused, are not the right ones for writing: others will not come.
        const isRenewed =
          renews && error.code === 'unauthorized' && !canRead && answer.type !== 'producer-unknown'
        if (!mayPass) isAbsent = wasAbsent
        if (!mayPass && !isRenewed) {
          const txid = answer.type === 'refused' ? answer.txid : undefined
          return isAbsent ? { type: answer.type, error, txid } : unknown(requests.url, attempt, error)
        }
      }
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      error = toSendError(thrown, requests.url)
      // The request cannot be sent at all: an invalid header, for example, or a redirect that is not followed.
      if (error.code !== 'unreachable') {
        // 303: what was posted may have been taken in, and the answer to it lies elsewhere.
        isAbsent = wasAbsent && error.status !== 303
        if (!isAbsent) isAbsent = await checkStored(false, sending, options)
        if (sending.isStored()) return { type: 'stored', offset: undefined }
        return isAbsent ? { type: 'refused', error } : unknown(requests.url, attempt, error)
      }
    }
    if (sending.isStored()) return { type: 'stored', offset: undefined }
    if (error.code === 'unreachable' || isPassing(error.status ?? 0)) source?.verify('append-failed')
    if (attempt > times.maxRetries) {
      return isAbsent ? { type: 'refused', error } : unknown(requests.url, attempt, error)
    }
    const ms = Math.max(retryAfter, backoff(times, attempt))
    sending.onRetry(attempt, Date.now() + ms, error)
    await pause(ms, sending, signal)
  }
}

/**
 * Reads the log before another attempt; returns whether it could be read. If the message may be stored already (`!isAbsent`),
 * an unavailable server is asked again.
 */
export async function checkStored(
  isAbsent: boolean,
  sending: Pick<Sending, 'isStored' | 'onWaiting'>,
  options: SendOptions,
): Promise<boolean> {
  const { signal, times, renews } = options
  for (let attempt = 1; ; attempt++) {
    try {
      await withTimeout(signal, CHECK_TIMEOUT, options.checkStored)
      // Those who wait for what was read have heard of it then.
      await delay(0, signal)
      return true
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const status = statusOf(error)
      // There is no stream: nothing of the message is stored.
      if (status === 404 || status === 410) return true
      const mayPass =
        status === undefined
          ? isUnreachable(error)
          : isPassing(status) || (renews && (status === 401 || status === 403))
      if (isAbsent || !mayPass || attempt > times.maxRetries) return false
      options.source?.verify('append-failed')
    }
    if (sending.isStored()) return true
    await pause(backoff(times, attempt), sending, signal)
  }
}

/** A reader that has failed for good does not tell any more. */
function isUnreachable(error: unknown): boolean {
  return !(error instanceof StreamDBError) || error.code === 'unreachable'
}

async function pause(ms: number, sending: Pick<Sending, 'onWaiting'>, signal: AbortSignal): Promise<void> {
  const skipped = new Promise<void>((resolve) => sending.onWaiting({ skipDelay: resolve }))
  await delay(ms, signal, skipped)
  if (signal.aborted) throw signal.reason
}

function unknown(url: string, attempts: number, cause: StreamDBError): SendResult {
  const what = `Writing to ${url} was given up after ${attempts} attempts; it may be in the log`
  const { status, body } = cause
  return {
    type: 'unknown',
    error: new StreamDBError('write-unknown', `${what}: ${cause.message}`, { cause, status, body }),
  }
}

function toSendError(thrown: unknown, url: string): StreamDBError {
  if (thrown instanceof ConnectionError) {
    return new StreamDBError('unreachable', `Writing to ${url} failed: ${thrown.message}`, {
      cause: thrown.cause,
    })
  }
  return toStreamDBError(thrown, 'write-failed', `Writing to ${url} failed`)
}
