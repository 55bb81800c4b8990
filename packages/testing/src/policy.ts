import type { ChangeEvent, StateDefinition } from '@streamdb/state'

/**
 * What decides about a stream: the options of `createStreamHandler` of `@streamdb/server`, what `sessionPolicy` of
 * `@streamdb/session/policy` returns, or an `authorize` function alone.
 */
export interface TestedPolicy {
  /** If it is given, events are validated as in the gateway before `authorize` is called. */
  readonly state?: StateDefinition | undefined
  // `never` takes functions of whatever parameters: users and rows are the application's.
  readonly authorize?: ((context: never) => unknown) | undefined
  readonly authorizeRead?: ((context: never) => unknown) | undefined
  readonly authorizeStream?: ((context: never) => unknown) | undefined
}

/** Who tries, and of which stream. */
interface Attempt<User> {
  readonly user: User
  /** The stream's name, as the gateway has it. Default: `test`. */
  readonly stream?: string | undefined
}

/** A request that writes: one event or several, each on the rows as those before it leave them. */
export interface WriteAttempt<User = unknown> extends Attempt<User> {
  readonly event?: ChangeEvent | undefined
  readonly events?: readonly ChangeEvent[] | undefined
  /** The events that made the rows that are there before. Default: none. */
  readonly rows?: readonly ChangeEvent[] | undefined
}

/** A request that reads. */
export interface ReadAttempt<User = unknown> extends Attempt<User> {
  readonly read: true
}

/** A request that creates a stream, say. */
export interface StreamAttempt<User = unknown> extends Attempt<User> {
  readonly operation: 'create' | 'close' | 'delete' | 'fork'
}

/** A request that a policy decides about. */
export type PolicyAttempt<User = unknown> = WriteAttempt<User> | ReadAttempt<User> | StreamAttempt<User>

/** Why it was denied. */
export interface Denial {
  readonly code: string
  readonly message: string
  /** Where in the event, as a JSON pointer. */
  readonly path?: string | undefined
  /** Which of the events, from 0. */
  readonly index?: number | undefined
}

/** How it is to be denied: each part that is given has to be so. */
export interface ExpectedDenial {
  readonly code?: string | undefined
  /** All of the message, or what is to be found in it. */
  readonly message?: string | RegExp | undefined
  readonly path?: string | undefined
  readonly index?: number | undefined
}
