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
  /** Sent once: whoever calls tries again, where `unreachable` says that it may pass. */
  readonly isOnce: boolean
}

/** Calls the actions of the write gateway that a stream is behind. */
export interface ActionSender {
  /**
   * Calls an action, again until it is answered for good; a gateway does it once for a transaction. Resolves with whether it is
   * known to have written. Rejects as an append does, and with the signal's reason.
   */
  call(call: ActionCall, signal: AbortSignal): Promise<boolean>
  /** Tries at once what waits to be tried again. */
  retryNow(): void
}

/** Returns what calls server actions, by the requests that appends are sent by. */
export function createActionSender(options: HttpTransportOptions): ActionSender {
  const sending = toSendOptions(options)
  const waiting = new Set<SendControls>()
  return {
    async call({ action, txid, params, isStored, isOnce }, signal) {
      const times = isOnce ? { ...sending.times, maxRetries: 0 } : sending.times
      let controls: SendControls = {}
      const body = JSON.stringify({ action, txid, params })
      const headers = { 'content-type': actionContentType }
      const onWaiting = (given: SendControls): void => {
        waiting.delete(controls)
        waiting.add((controls = given))
      }
      try {
        const result = await withLinkedSignal([sending.signal, signal], (linked) =>
          sendWithRetry(
            { body, headers, isStored, onWaiting, onRetry: () => undefined },
            { ...sending, times, signal: linked },
          ),
        )
        if (result.type === 'stored') return result.offset !== undefined || isStored()
        throw isOnce ? toPassing(result.error) : result.error
      } finally {
        waiting.delete(controls)
      }
    },
    retryNow() {
      for (const { skipDelay } of waiting) skipDelay?.()
    },
  }
}

/** Returns an error that says whether another attempt may fare better. */
function toPassing(error: StreamDBError): StreamDBError {
  const failure = error.cause instanceof StreamDBError ? error.cause : error
  const mayPass = failure.code === 'unreachable' || isPassing(failure.status ?? 0)
  return mayPass ? new StreamDBError('unreachable', failure.message, { cause: failure }) : error
}
