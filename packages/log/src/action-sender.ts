import { actionContentType } from './conditional-writes.ts'
import { StreamDBError } from './errors.ts'
import { isPassing } from './http-error.ts'
import { toSendOptions } from './http-transport.ts'
import type { HttpTransportOptions } from './http-transport.ts'
import { withLinkedSignal } from './link-signals.ts'
import { sendWithRetry } from './send-with-retry.ts'
import type { SendControls } from './send-with-retry.ts'

/** A call of a server action, under the id of the transaction that it writes. */
export interface ActionCall {
  readonly action: string
  readonly txid: string
  /** What JSON holds of its parameters. */
  readonly params: unknown
  /** Whether the transaction was seen in the log. */
  readonly isStored: () => boolean
  /** Whether it is sent only once: the caller repeats it after an `unreachable`. */
  readonly isOnce: boolean
}

/** What became of a call. */
export interface CallAnswer {
  /** Whether it is known to have written. */
  readonly wrote: boolean
  /** What the action returned; nothing where no answer has said so. */
  readonly returned: { readonly value: unknown } | undefined
}

/** Calls the actions of the write gateway that a stream is behind. */
export interface ActionSender {
  /**
   * Calls an action, again until it is answered for good; a gateway does it once for a transaction. Rejects as an append does,
   * and with the signal's reason.
   */
  call(call: ActionCall, signal: AbortSignal): Promise<CallAnswer>
  /** Asks what an action returned whose transaction is in the log. Rejects as `call`. */
  askAgain(call: Pick<ActionCall, 'action' | 'txid'>): Promise<CallAnswer>
  /** Tries at once what waits to be tried again. */
  retryNow(): void
}

/** Returns what calls server actions, by the requests that appends are sent by. */
export function createActionSender(options: HttpTransportOptions): ActionSender {
  const sending = toSendOptions(options)
  const waiting = new Set<SendControls>()

  async function send(
    content: object,
    { isStored, isOnce }: Pick<ActionCall, 'isStored' | 'isOnce'>,
    signal: AbortSignal,
  ): Promise<CallAnswer> {
    const times = isOnce ? { ...sending.times, maxRetries: 0 } : sending.times
    let controls: SendControls = {}
    const headers = { 'content-type': actionContentType }
    const onWaiting = (given: SendControls): void => {
      waiting.delete(controls)
      waiting.add((controls = given))
    }
    try {
      const result = await sendWithRetry(
        { body: JSON.stringify(content), headers, isStored, onWaiting, onRetry: () => undefined },
        { ...sending, times, signal },
      )
      if (result.type !== 'stored') throw isOnce ? toPassing(result.error) : result.error
      const { offset, text } = result
      return { wrote: offset !== undefined || isStored(), returned: readReturned(text) }
    } finally {
      waiting.delete(controls)
    }
  }

  return {
    call: ({ action, txid, params, ...call }, signal) =>
      withLinkedSignal([sending.signal, signal], (linked) => send({ action, txid, params }, call, linked)),
    askAgain: (call) =>
      send({ ...call, isRepeat: true }, { isStored: () => false, isOnce: false }, sending.signal),
    retryNow() {
      for (const { skipDelay } of waiting) skipDelay?.()
    },
  }
}

/** Returns what an action returned, as the answer says it: no text where it returned nothing. */
function readReturned(text: string | undefined): CallAnswer['returned'] {
  if (text === undefined) return undefined
  if (text === '') return { value: undefined }
  try {
    const { result, forgotten } = JSON.parse(text) as { result?: unknown; forgotten?: unknown } // a gateway's answer
    return forgotten === true ? undefined : { value: result }
  } catch {
    return undefined
  }
}

/** Returns an error that says whether another attempt may fare better. */
function toPassing(error: StreamDBError): StreamDBError {
  const failure = error.cause instanceof StreamDBError ? error.cause : error
  const mayPass = failure.code === 'unreachable' || isPassing(failure.status ?? 0)
  return mayPass ? new StreamDBError('unreachable', failure.message, { cause: failure }) : error
}
