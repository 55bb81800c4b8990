import { StreamDBError } from '@streamdb/log'
import type { Status } from './status.ts'
import type { StatusStore } from './status-store.ts'

/** How long `preload()` waits. */
export interface PreloadOptions {
  /** Ends the wait: the promise rejects with `aborted`. Reading goes on. */
  readonly signal?: AbortSignal | undefined
  /**
   * In milliseconds; then the promise rejects with `preload-timeout`, and reading continues. Default: none. With `live: false`
   * outside of a browser, as for server rendering: 10,000 ms without any read data.
   */
  readonly timeout?: number | undefined
}

/** How long a database of a server may hear nothing, in milliseconds. */
const silenceOnServer = 10_000

/** Waits for a load to end, as long as `options` say. */
export function waitForLoad(
  load: Promise<void>,
  status: StatusStore,
  { signal, timeout }: PreloadOptions,
  isLive: boolean,
): Promise<void> {
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    const message = `preload: expected options.timeout to be a number >= 0 but received ${String(timeout)}`
    return handled(Promise.reject(new StreamDBError('invalid-options', message)))
  }
  const isServer = typeof document === 'undefined' && !isLive
  const ms = timeout ?? (isServer ? silenceOnServer : Infinity)
  if (ms === Infinity && signal === undefined) return load
  return handled(
    new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const onTimeout = (): void => fail(timeoutError(ms, status.current, timeout === undefined))
      const startTimer = (): void => {
        clearTimeout(timer)
        if (ms !== Infinity) timer = setTimeout(onTimeout, Math.min(ms, 2 ** 31 - 1))
      }
      const onAbort = (): void => {
        const cause: unknown = signal?.reason
        fail(new StreamDBError('aborted', 'preload() is no longer waited for; reading goes on', { cause }))
      }
      // Without a time of its own, only silence is too long.
      const unsubscribe = status.subscribe(({ name }) => {
        if (timeout === undefined && name === 'catching-up') startTimer()
      })
      const leave = (): void => {
        clearTimeout(timer)
        unsubscribe()
        signal?.removeEventListener('abort', onAbort)
      }
      const fail = (error: StreamDBError): void => {
        leave()
        reject(error)
      }
      signal?.addEventListener('abort', onAbort)
      load.then(resolve, reject).finally(leave)
      startTimer()
      if (signal?.aborted) onAbort()
    }),
  )
}

function timeoutError(ms: number, status: Status, isSilence: boolean): StreamDBError {
  const what = isSilence ? `read nothing for ${ms} ms` : `did not end within ${ms} ms`
  const cause = 'error' in status ? status.error : undefined
  const why = cause === undefined ? '' : `: ${cause.message}`
  return new StreamDBError('preload-timeout', `preload() ${what}; the status is "${status.name}"${why}`, {
    cause,
  })
}

/** Marks a promise as handled: `void db.preload()` is allowed. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined)
  return promise
}
