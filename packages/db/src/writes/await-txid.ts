import { deferred } from '@streamdb/log'
import { StreamDBError } from '@streamdb/log'
import type { TxIds } from './txids.ts'

/** How long to wait. */
export interface AwaitOptions {
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Waits for a transaction to be visible, as an application asks for it. */
export function awaitTxId(txids: TxIds, txid: string, options: number | AwaitOptions): Promise<void> {
  const { timeout = 5000, signal } = typeof options === 'number' ? { timeout: options } : options
  if (typeof txid !== 'string' || txid === '' || Number.isNaN(timeout)) {
    const message = `awaitTxId: expected a txid and a timeout in ms, received "${txid}", ${timeout}`
    const { promise, reject } = deferred()
    reject(new StreamDBError('invalid-options', message))
    return promise
  }
  const { done, startClock, abort } = txids.wait(txid)
  startClock(timeout)
  const onAbort = (): void => abort(signal?.reason)
  const leave = (): void => signal?.removeEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  done.then(leave, leave)
  return done
}
