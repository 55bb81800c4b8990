import { StreamDBError } from '@streamdb/log'
import { pathOf } from '@streamdb/state'
import type { InferInput, InferOutput, StandardSchema } from '@streamdb/state'

/** What a database gives an action to call the server by: its `mutationFn`'s context. */
export interface ServerCaller {
  readonly callServer: (action: string, params: unknown) => Promise<string | undefined>
}

/** The half of a server action that runs in a client. */
export interface ClientActionOptions<Params, Result = unknown> {
  /** Shows at once what the server will do; it is taken back where that refuses. Default: nothing is shown before. */
  readonly onMutate?: ((params: Params) => void) | undefined
  /** The schema of what the action returns. Default: it is not looked at, and `result` is of the type `unknown`. */
  readonly result?: StandardSchema<unknown, Result> | undefined
}

/** A server action as `actions` of `createStreamDB` takes it. */
export interface ClientAction<Input, Result = unknown> {
  readonly onMutate: (params: Input) => void
  readonly mutationFn: (params: Input, context: ServerCaller) => Promise<string | undefined>
  /** By what the calls get their `result`. */
  readonly server: { readonly name: string; readonly parse: (value: unknown) => Result }
}

/**
 * Returns the client's half of a server action, for `actions` of `createStreamDB`: the server runs what `defineServerAction` made of
 * the same name and schema.
 *
 * A call validates its parameters, and throws `invalid-write` where the schema does not take them; shows what `onMutate` does; and
 * is confirmed by its transaction, which comes back through the log. What the server refuses is taken back: `write-failed`, with the
 * `reason` that the action gave. The transaction that it returns has `result`: a promise of what the action returned, typed and
 * checked by the option `result`. With `offline: true` it is kept by its name and its parameters, which have to be JSON then.
 *
 * @example
 * ```ts
 * const rename = serverAction('rename', z.object({ id: z.string(), name: z.string() }), {
 *   onMutate: ({ id, name }) => void db.collections.users.update(id, (user) => void (user.name = name)),
 * })
 * // createStreamDB({ ..., actions: ({ db }) => ({ rename: serverAction(...) }) })
 * ```
 */
export function serverAction<const Schema extends StandardSchema, Result = unknown>(
  name: string,
  schema: Schema,
  { onMutate, result }: ClientActionOptions<InferOutput<Schema>, Result> = {},
): ClientAction<InferInput<Schema>, Result> {
  return {
    onMutate(params) {
      const valid = validate(`parameters of the action "${name}"`, schema, params)
      onMutate?.(valid as InferOutput<Schema>) // what it returns is of its type
    },
    // As they were given: the server validates them too, and a schema may not take what it returned.
    mutationFn: (params, { callServer }) => callServer(name, params),
    server: {
      name,
      parse: (value) =>
        result === undefined
          ? (value as Result) // of the type `unknown`
          : validate(`results of the action "${name}"`, result, value, 'result-unknown'),
    },
  }
}

function validate<Value>(
  what: string,
  schema: StandardSchema<unknown, Value>,
  given: unknown,
  code: 'invalid-write' | 'result-unknown' = 'invalid-write',
): Value {
  const result = schema['~standard'].validate(given)
  if (result instanceof Promise) {
    throw new StreamDBError('invalid-options', `The ${what} need a schema that validates synchronously`)
  }
  if (!result.issues) return result.value
  const [first] = result.issues
  const path = ['', ...pathOf(first)].join('/')
  const message = `The ${what} are not what its schema takes: ${String(first?.message)} at ${path || '/'}`
  throw new StreamDBError(code, message)
}
