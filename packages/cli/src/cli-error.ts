import { exitCodes } from './exit-codes.ts'

/** What went wrong with a command; the codes of `StreamDBError` stand beside these. */
export type CliErrorCode =
  /** The command line cannot be used. */
  | 'usage'
  /** What was given to be written is no event, or no JSON; nothing was sent. */
  | 'invalid-input'
  /** A file cannot be read or written, or is in the way. */
  | 'file'
  /** The stream exists with other settings. */
  | 'stream-exists'
  /** The target of a copy holds something already. */
  | 'target-not-empty'
  /** What is copied changed since the copy began. */
  | 'source-changed'
  /** The port is taken. */
  | 'port-in-use'
  /** Another process has the data directory open. */
  | 'data-in-use'
  /** The module of a schema cannot be loaded, or has none. */
  | 'schema-module'
  /** The stream holds nothing that the command could work with. */
  | 'empty-stream'
  /** A reset leads to an offset, which means nothing in another stream. */
  | 'reset-elsewhere'

export interface CliErrorOptions extends ErrorOptions {
  /** What to do about it: a sentence without its full stop. */
  readonly remedy?: string | undefined
  /** Single faults, one a line. */
  readonly details?: readonly string[] | undefined
}

/** Says why a command could not do what it was asked to. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  readonly remedy: string | undefined
  readonly details: readonly string[]

  constructor(
    code: CliErrorCode,
    message: string,
    { remedy, details = [], ...options }: CliErrorOptions = {},
  ) {
    super(message, options)
    this.code = code
    this.remedy = remedy
    this.details = details
  }

  get exitCode(): number {
    return this.code === 'usage' || this.code === 'invalid-input' ? exitCodes.usage : exitCodes.failed
  }
}

/** The reason of the signal that ends a command: Ctrl-C, or a requested end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(`Stopped by ${signal}`)
    this.exitCode = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
  }
}
