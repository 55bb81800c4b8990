import type { InferInput, InferOutput, StandardSchema } from '@streamdb/state'
import type { Principal } from '../gateway/principal.ts'
import type { ServerActionContext } from './action-context.ts'

/** What a server action does. What JSON holds of what it returns is the caller's `result`. */
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
  /** Typed by its own schema; whoever calls it has validated the parameters. */
  readonly run: (context: ServerActionContext<never, User>) => Result | Promise<Result>
  /** Stands for the type of the parameters as clients give them. */
  readonly input?: InferInput<Schema> | undefined
}

/**
 * Returns an action that runs on the server, in one transaction on the rows of its stream: for `actions` of `createStreamHandler`.
 * Clients call it by `serverAction(name, schema, { onMutate })` of `@streamdb/server/client`, and never load the handler.
 *
 * The handler sees the rows at its place in the log, and what it has written itself. What it writes is stamped with the principal who
 * called, and stored whole, once for a transaction id, however often that is sent; `authorize` is not asked, so it decides itself
 * what the user may. Where it throws, nothing is written: `refuse(code, message)` tells the caller why; of any other error the
 * caller is told the code `action-failed` alone, and `onError` is given the error. It may run again where another writer was first; while it waits, the
 * stream's other writes wait too.
 *
 * What it returns is the caller's `result`, as JSON holds it: at most 65,536 characters, or the call is refused (`invalid-result`).
 * It is stored with the last event that the action wrote, so that a call that is repeated is answered with the same: **whoever may
 * read the stream may read it**.
 *
 * Throws a `TypeError` for a name that is empty.
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
