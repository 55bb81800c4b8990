import { StreamDBError } from '@streamdb/log'
import { pathOf } from '@streamdb/state'
import type { InferInput, InferOutput, StandardSchema } from '@streamdb/state'

/** What a database gives an action to call the server by: its `mutationFn`'s context. */
export interface ServerCaller {
  readonly callServer: (action: string, params: unknown) => Promise<string | undefined>
}

/** The half of a server action that runs in a client. */
export interface ClientActionOptions<Params> {
  /** Shows at once what the server will do; it is taken back where that refuses. Default: nothing is shown before. */
  readonly onMutate?: ((params: Params) => void) | undefined
}

/** A server action as `actions` of `createStreamDB` takes it. */
export interface ClientAction<Input> {
  readonly onMutate: (params: Input) => void
  readonly mutationFn: (params: Input, context: ServerCaller) => Promise<string | undefined>
}

/**
 * Returns the client's half of a server action, for `actions` of `createStreamDB`: the server runs what `defineServerAction` made of
 * the same name and schema.
 *
 * A call validates its parameters, and throws `invalid-write` where the schema does not take them; shows what `onMutate` does; and
 * is confirmed by its transaction, which comes back through the log. What the server refuses is taken back: `write-failed`, with the
 * `reason` that the action gave. With `offline: true` it is kept by its name and its parameters, which have to be JSON then.
 *
 * @example
 * ```ts
 * const rename = serverAction('rename', z.object({ id: z.string(), name: z.string() }), {
 *   onMutate: ({ id, name }) => void db.collections.users.update(id, (user) => void (user.name = name)),
 * })
 * // createStreamDB({ ..., actions: ({ db }) => ({ rename: serverAction(...) }) })
 * ```
 */
export function serverAction<const Schema extends StandardSchema>(
  name: string,
  schema: Schema,
  { onMutate }: ClientActionOptions<InferOutput<Schema>> = {},
): ClientAction<InferInput<Schema>> {
  return {
    onMutate(params) {
      const valid = validate(name, schema, params)
      onMutate?.(valid)
    },
    // As they were given: the server validates them too, and a schema may not take what it returned.
    mutationFn: (params, { callServer }) => callServer(name, params),
  }
}

function validate<Schema extends StandardSchema>(
  name: string,
  schema: Schema,
  params: unknown,
): InferOutput<Schema> {
  const result = schema['~standard'].validate(params)
  const what = `The parameters of the action "${name}"`
  if (result instanceof Promise) {
    throw new StreamDBError('invalid-options', `${what} need a schema that validates synchronously`)
  }
  // What the schema returned is of its type.
  if (!result.issues) return result.value as InferOutput<Schema>
  const [first] = result.issues
  const path = ['', ...pathOf(first)].join('/')
  throw new StreamDBError(
    'invalid-write',
    `${what} are not what its schema takes: ${String(first?.message)} at ${path || '/'}`,
  )
}
