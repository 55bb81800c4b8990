'use client'

import { StreamDBError } from '@streamdb/db'
import type { Transaction } from '@streamdb/db'
import { useCallback, useState } from 'react'

/** An action, and the state of the calls that this component made. */
export interface ActionCalls<Params extends readonly unknown[], Call extends Transaction = Transaction> {
  /** Calls the action. Its errors are thrown, and are shown as `error` too. The function is stable while the action is. */
  readonly run: (...params: Params) => Call
  /** How many calls are under way. */
  readonly pending: number
  /** Why the last call that failed did; until `reset`, or the next call. */
  readonly error: Error | undefined
  /** Forgets the error. */
  readonly reset: () => void
}

/**
 * Follows the calls that a component makes of an action. Throws `invalid-options` for what is no action.
 *
 * @example
 * ```tsx
 * const { run, pending, error } = useAction(db.actions.sendMessage)
 * ```
 */
export function useAction<Params extends readonly unknown[], Call extends Transaction = Transaction>(
  action: (...params: Params) => Call,
): ActionCalls<Params, Call> {
  if (typeof action !== 'function') {
    throw new StreamDBError(
      'invalid-options',
      `useAction: expected an action, such as db.actions.sendMessage, but received ${String(action)}. ` +
        `Define it in the option \`actions\` of the database, and check its name.`,
    )
  }
  const [pending, setPending] = useState(0)
  const [error, setError] = useState<Error | undefined>(undefined)
  const run = useCallback(
    (...params: Params): Call => {
      setError(undefined)
      let transaction: Call
      try {
        transaction = action(...params)
      } catch (thrown) {
        setError(asError(thrown))
        throw thrown
      }
      setPending((count) => count + 1)
      void transaction
        .when('settled')
        .catch((thrown: unknown) => setError(asError(thrown)))
        .finally(() => setPending((count) => count - 1))
      return transaction
    },
    [action],
  )
  const reset = useCallback(() => setError(undefined), [])
  return { run, pending, error, reset }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
