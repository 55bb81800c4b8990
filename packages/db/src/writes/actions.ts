import type { Transaction } from '@tanstack/db'
import { checkAll } from '../options/check.ts'
import type { WriteContext, WriteFunction, WriteResult } from './delivery.ts'
import type { AnyExpect } from './expectations.ts'
import type { ServerCalls, ServerHalf, ServerTransaction } from './server-calls.ts'
import type { WriteQueue } from './write-queue.ts'

/**
 * An action: what it shows at once and, where it is not the plain append of that, how it is written.
 *
 * Without `mutationFn` the mutations are appended as one transaction and confirmed. With it, the overlay stays until
 * the promise settles.
 */
// By default `any`, as the published layer has it: the type of an action whose parameters do not matter.
// oxlint-disable-next-line typescript/no-explicit-any
export interface ActionDefinition<Params = any, Context = WriteContext> {
  readonly onMutate: (params: Params) => void
  /** Returns nothing, or the transactions whose rows are waited for: a txid, several, or `{ txid }`. */
  readonly mutationFn?: ((params: Params, context: Context) => Promise<WriteResult>) | undefined
  /**
   * What has to be so for it to be written, as the option of `db.transact`; a function is asked before `onMutate` runs. A write
   * gateway decides.
   */
  readonly expect?: AnyExpect | ((params: Params) => AnyExpect) | undefined
  /** What of it runs on the server, as `serverAction` of `@streamdb/server/client` says it: its calls have a `result`. */
  readonly server?: ServerHalf<unknown> | undefined
}

/** The actions of a database by name, as the option `actions` returns them. */
// Parameters of actions that are not annotated must fit their use: `(user) => collection.insert(user)`.
export type ActionDefinitions = Readonly<Record<string, ActionDefinition>>

/** What an action's `onMutate` is called with; `undefined` where it takes nothing. */
export type ParamsOf<Definition> = Definition extends {
  readonly onMutate: (...params: infer Params) => unknown
}
  ? Params extends []
    ? undefined
    : Params[0]
  : never

/** Actions whose `mutationFn` takes what their `onMutate` takes: anything else is a type error. */
export type CheckedActions<Actions> = {
  // oxlint-disable-next-line typescript/no-explicit-any -- as in ActionDefinitions
  readonly [Name in keyof Actions]: ActionDefinition<any> & {
    readonly mutationFn?:
      ((params: ParamsOf<Actions[Name]>, context: WriteContext) => Promise<WriteResult>) | undefined
  }
}

/**
 * Returns an action as it is; its `mutationFn` takes its parameters' types from its `onMutate`. Without it they are
 * checked, and have to be annotated.
 */
export function defineAction<Params>(definition: {
  readonly onMutate: (params: Params) => void
  readonly mutationFn?: ((params: NoInfer<Params>, context: WriteContext) => Promise<WriteResult>) | undefined
  readonly expect?: AnyExpect | ((params: NoInfer<Params>) => AnyExpect) | undefined
}): ActionDefinition<Params> {
  return definition
}

/** What a call of an action returns. */
export type CallOf<Definition> = Definition extends { readonly server: ServerHalf<infer Result> }
  ? ServerTransaction<Result>
  : Transaction

/** The actions as they are called: with their parameters, returning TanStack's transaction. */
export type ActionMap<Actions extends ActionDefinitions> = {
  readonly [Name in keyof Actions]: (
    ...params: Parameters<Actions[Name]['onMutate']>
  ) => CallOf<Actions[Name]>
}

interface ActionTable {
  readonly definitions: Map<string, ActionDefinition<unknown>>
  readonly writing: ActionWriting
}

/** What calls of actions are written by. */
export interface ActionWriting {
  readonly queue: Pick<WriteQueue, 'transact' | 'of'>
  readonly serverCalls: Pick<ServerCalls, 'addResult'>
}

/** What the actions of each database run. */
const tables = new WeakMap<object, ActionTable>()

const rules = { object: '*', function: '*.onMutate', 'function | undefined': '*.mutationFn' }

/**
 * Makes the actions callable: the queue shows what `onMutate` does, and writes it, by `mutationFn` where there is one.
 * Throws `invalid-options` for what is no action.
 */
export function createActions<Actions extends ActionDefinitions>(
  definitions: Actions,
  writing: ActionWriting,
): ActionMap<Actions> {
  const actions = {}
  tables.set(actions, { definitions: new Map(), writing })
  addActions(actions, definitions)
  return actions as ActionMap<Actions> // name by name the very shape that the type maps
}

/** Adds those of `definitions` that are not among `actions` yet. Throws `invalid-options` for what is no action. */
export function addActions(actions: object, definitions: ActionDefinitions): void {
  checkAll('actions()', definitions, rules)
  const table = tables.get(actions)
  if (table === undefined) return
  for (const [name, definition] of Object.entries<ActionDefinition<unknown>>(definitions)) {
    if (table.definitions.has(name)) continue
    table.definitions.set(name, definition)
    const value = (params: unknown): Transaction => {
      const { onMutate, mutationFn, server, expect: given } = table.definitions.get(name) ?? definition
      const expect = typeof given === 'function' ? given(params) : given
      const send = mutationFn && ((context: WriteContext) => mutationFn(params, context))
      const { queue, serverCalls } = table.writing
      const options = { action: name, send, expect, call: { params } }
      const transaction = queue.transact(() => onMutate(params), options)
      if (server === undefined) return transaction
      // Rolled back by then, it has none, and no result.
      return serverCalls.addResult(transaction, queue.of(transaction)?.txid ?? '', server)
    }
    Object.defineProperty(actions, name, { value, enumerable: true })
  }
}

/** Returns what writes a kept call of one of `actions`; nothing where there is no such action, or it has no function. */
export function functionOf(actions: object, name: string, params: unknown): WriteFunction | undefined {
  const mutationFn = tables.get(actions)?.definitions.get(name)?.mutationFn
  return mutationFn && ((context) => mutationFn(params, context))
}

/** Makes calls of `actions` run `definitions` from now on. */
export function replaceActions(actions: object, definitions: ActionDefinitions): void {
  addActions(actions, definitions)
  const table = tables.get(actions)
  for (const [name, definition] of Object.entries(definitions)) table?.definitions.set(name, definition)
}
