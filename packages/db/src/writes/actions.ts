import type { Transaction } from '@tanstack/db'
import { checkAll } from '../options/check.ts'
import type { WriteContext } from './delivery.ts'
import type { WriteQueue } from './write-queue.ts'

/**
 * An action: what it shows at once and, where it is not the plain append of that, how it is written.
 *
 * Without `mutationFn` the mutations are appended as one transaction and confirmed. With it, the overlay stays until
 * the promise settles.
 */
export interface ActionDefinition<Params> {
  readonly onMutate: (params: Params) => void
  readonly mutationFn?: ((params: Params, context: WriteContext) => Promise<unknown>) | undefined
}

// `any`, as parameters of actions that are not annotated must fit their use: `(user) => collection.insert(user)`.
// oxlint-disable-next-line typescript/no-explicit-any
export type ActionDefinitions = Readonly<Record<string, ActionDefinition<any>>>

/** The actions as they are called: with their parameters, returning TanStack's transaction. */
export type ActionMap<Actions extends ActionDefinitions> = {
  readonly [Name in keyof Actions]: (...params: Parameters<Actions[Name]['onMutate']>) => Transaction
}

const rules = { object: '*', function: '*.onMutate', 'function | undefined': '*.mutationFn' }

/**
 * Makes the actions callable: `queue` shows what `onMutate` does, and writes it, by `mutationFn` where there is one.
 * Throws `invalid-options` for what is no action.
 */
export function createActions<Actions extends ActionDefinitions>(
  definitions: Actions,
  queue: Pick<WriteQueue, 'transact'>,
): ActionMap<Actions> {
  checkAll('actions()', definitions, rules)
  const entries = Object.entries<ActionDefinition<unknown>>(definitions).map(([name, definition]) => {
    const { onMutate, mutationFn } = definition
    const act = (params: unknown): Transaction => {
      const send = mutationFn && ((context: WriteContext) => mutationFn(params, context))
      return queue.transact(() => onMutate(params), { action: name, send })
    }
    return [name, act] as const
  })
  // Each entry is what the type maps its name to.
  return Object.fromEntries(entries) as unknown as ActionMap<Actions>
}
