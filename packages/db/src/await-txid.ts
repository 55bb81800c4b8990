import { StreamDBError } from './errors.ts'
import type { AwaitOptions } from './options.ts'
import type { TxIds } from './txids.ts'
import { afterShown } from './wake.ts'

/**
 * Waits for a transaction to be visible.
 *
 * Errors name the txid and, by `where`, the offset, the connection and what was seen lately (DESIGN W4).
 */
export function awaitTxId(
  txids: TxIds,
  txid: string,
  options: number | AwaitOptions,
  where: () => string,
): Promise<void> {
  const { timeout = 5000, signal } = typeof options === 'number' ? { timeout: options } : options
  if (typeof txid !== 'string' || txid === '' || Number.isNaN(timeout)) {
    const message = `awaitTxId: expected a non-empty txid and a timeout in milliseconds, received "${txid}", ${timeout}`
    return silent(Promise.reject(new StreamDBError('invalid-options', message)))
  }
  if (txids.has(txid)) return Promise.resolve()
  // No AbortController of its own: every write waits, and on Node 20 one takes 0.1 ms.
  const done = new Promise<void>((resolve, reject) => {
    const give = (code: 'txid-timeout' | 'aborted', what: string, cause?: unknown): void => {
      leave()
      end()
      reject(new StreamDBError(code, `Transaction ${txid} ${what} (${where()})`, { cause }))
    }
    const onAbort = (): void => give('aborted', 'is no longer waited for', signal?.reason)
    const onTimeout = (): void =>
      give('txid-timeout', `did not come back through the log (Timeout after ${timeout} ms)`)
    const endClock = timeout === Infinity ? undefined : afterShown(timeout, onTimeout)
    const end = (): void => {
      endClock?.()
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.addEventListener('abort', onAbort)
    const leave = txids.join(txid, {
      resolve: () => {
        end()
        resolve()
      },
      reject: (error) => {
        end()
        reject(error)
      },
    })
    if (signal?.aborted) onAbort()
  })
  return silent(done)
}

/** A promise that nobody reads must not end the process; who reads it still sees its error. */
function silent(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined)
  return promise
}
