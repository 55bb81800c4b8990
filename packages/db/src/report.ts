import { toStreamDBError } from '@streamdb/log'
import type { StreamDBError } from '@streamdb/log'
import { warnInDevelopment } from './development.ts'
import type { Write } from './writes/write.ts'

/** Called with errors that nothing waits for, and with the write that failed, if it is one. */
export type ErrorListener = (error: StreamDBError, write?: Write) => void

/** Calls functions of the application, and reports what they throw; never throws. */
export class Reporter {
  readonly #onError: ErrorListener | undefined
  #closed = false

  /** Without `onError` the runtime reports it: as an uncaught error in a browser, as a warning in Node. */
  constructor(onError?: ErrorListener) {
    this.#onError = onError
  }

  /** Calls nothing any more. */
  close(): void {
    this.#closed = true
  }

  /** Calls `callback`, named `name` for the report. */
  call<Value>(name: string, callback: (value: Value) => void, value: Value): void {
    if (this.#closed) return
    try {
      callback(value)
    } catch (error) {
      this.report(error, name)
    }
  }

  /** Reports what was thrown by the function that `name` names. */
  report(thrown: unknown, name: string): void {
    const error = toStreamDBError(thrown, 'callback-failed', `${name} threw, and reading went on`)
    try {
      if (this.#onError === undefined) tellRuntime(error)
      else this.#onError(error)
    } catch (again) {
      tellRuntime(again)
    }
  }

  /** Tells of what is no fault of a function: reading and writing go on. Without `onError`, the console in development. */
  warn(error: StreamDBError): void {
    if (this.#closed) return
    if (this.#onError === undefined) warnInDevelopment(error.message)
    else this.report(error, 'The storage')
  }

  /** Reports a failed write whose outcome no caller awaits; without `onError`, to the console in development. */
  reportWrite(error: StreamDBError, write: Write): void {
    const what = write.action === undefined ? 'A write' : `The action "${write.action}"`
    const remedy = "Nobody waits for it: await tx.when('settled'), or give createStreamDB an onError"
    this.#tellOfWrite(error, write, `${what} failed and was rolled back: ${error.message}. ${remedy}`)
  }

  /** Reports a write that was confirmed and is lost; without `onError`, to the console in development. */
  reportLostWrite(error: StreamDBError, write: Write): void {
    this.#tellOfWrite(error, write, error.message)
  }

  #tellOfWrite(error: StreamDBError, write: Write, warning: string): void {
    if (this.#closed) return
    if (this.#onError === undefined) {
      warnInDevelopment(warning)
      return
    }
    try {
      this.#onError(error, write)
    } catch (thrown) {
      tellRuntime(thrown)
    }
  }
}

function tellRuntime(error: unknown): void {
  const { reportError, process } = globalThis as Runtime // what of it there is depends on the runtime
  if (process?.emitWarning !== undefined) process.emitWarning(error instanceof Error ? error : String(error))
  else reportError?.(error)
}

interface Runtime {
  readonly reportError?: (error: unknown) => void
  readonly process?: { readonly emitWarning?: (warning: string | Error) => void }
}
