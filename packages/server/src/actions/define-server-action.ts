import type { InferInput, InferOutput, StandardSchema } from '@streamdb/state'
import type { Principal } from '../gateway/principal.ts'
import type { ServerActionContext } from './action-context.ts'

/** The function of a server action. Its return value, as JSON, is the caller's `result`. */
export type ServerActionHandler<Params, User extends Principal, Result = unknown> = (
  context: ServerActionContext<Params, User>,
) => Result | Promise<Result>

/** An action that runs on the server: an option of `createStreamHandler`. */
export interface ServerAction<
  Schema extends StandardSchema = StandardSchema,
  User extends Principal = Principal,
  Result = unknown,
> {
  readonly name: string
  readonly schema: Schema
  /** Typed by its own schema; the caller has validated the parameters. */
  readonly run: (context: ServerActionContext<never, User>) => Result | Promise<Result>
  /** Stands for the type of the parameters as clients give them. */
  readonly input?: InferInput<Schema> | undefined
}

/**
 * Returns an action that runs on the server, in one transaction on the rows of its stream: for `actions` of `createStreamHandler`.
 * Clients call it by `serverAction(name, schema, { onMutate })` of `@streamdb/server/client`, and never load the handler.
 *
 * The handler sees the rows at its position in the log, with its own writes. Its writes are stamped with the calling principal and
 * stored together, once per transaction id, for any number of attempts. `authorize` is not called, so the handler decides what the
 * user may do. If it throws, nothing is written: `refuse(code, message)` gives the caller a reason; for any other error the caller
 * gets only the code `action-failed`, and `onError` gets the error. The handler may run again if another writer was faster; while it
 * runs, other writes of the stream wait.
 *
 * Its return value, as JSON, is the caller's `result`: at most 65,536 characters, or the call is refused (`invalid-result`). It is
 * stored with the last event that the action wrote, so that a repeated call gets the same answer: **every reader of the stream can
 * read it**.
 *
 * Throws a `TypeError` for an empty name.
 *
 * @example
 * ```ts
 * const rename = defineServerAction('rename', z.object({ id: z.string(), name: z.string() }), (action) => {
 *   const { params, user, rows, update, refuse } = action
 *   if (rows.get(state.users, params.id) === undefined) refuse('no-user', `There is no user ${params.id}`)
 *   if (user.id !== params.id) refuse('not-you', 'Everybody names themselves')
 *   update(state.users, params.id, { name: params.name })
 * })
 * ```
 */
export function defineServerAction<
  const Schema extends StandardSchema,
  User extends Principal = Principal,
  Result = unknown,
>(
  name: string,
  schema: Schema,
  handler: ServerActionHandler<InferOutput<Schema>, User, Result>,
): ServerAction<Schema, User, Result> {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`defineServerAction: expected a name, received ${JSON.stringify(name)}`)
  }
  return { name, schema, run: handler }
}
