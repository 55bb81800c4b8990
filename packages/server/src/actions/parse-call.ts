import { pathOf } from '@streamdb/state'
import type { StandardSchema } from '@streamdb/state'
import { isDeeper, isTxid, longestTxid } from '../gateway/parse-events.ts'
import { Refusal } from '../gateway/refusal.ts'
import type { Principal } from '../gateway/principal.ts'
import type { ActionCall } from './action-call.ts'
import type { ServerAction } from './define-server-action.ts'

/** What calls are judged by. */
export interface CallRules<User extends Principal> {
  readonly actions: ReadonlyMap<string, ServerAction<StandardSchema, User>>
  /** How many levels of arrays and objects the parameters may have. */
  readonly depth: number
}

/**
 * Returns the call in a body: `{ action, txid, params }`, or `{ action, txid, isRepeat: true }`. Throws a refusal for an
 * invalid one.
 */
export async function parseCall<User extends Principal>(
  body: Uint8Array<ArrayBuffer>,
  { actions, depth }: CallRules<User>,
): Promise<ActionCall<User>> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw refuse(400, 'invalid-json', 'Expected JSON in UTF-8.')
  }
  const { action: name, txid, params, isRepeat } = Object(json) as Record<string, unknown> // looked at, whatever it is
  if (!isTxid(txid)) {
    throw refuse(422, 'invalid-call', `Expected a txid of 1 to ${longestTxid} characters.`, '/txid')
  }
  const action = typeof name === 'string' ? actions.get(name) : undefined
  if (action === undefined) {
    const received = JSON.stringify(name)?.slice(0, 60) ?? 'nothing'
    throw refuse(422, 'unknown-action', `There is no action ${received} here.`, '/action').at({ txid })
  }
  if (isRepeat === true) return { action, txid, params: undefined, isRepeat }
  if (isDeeper(params, depth))
    throw refuse(422, 'too-deep', `Parameters have at most ${depth} levels of nesting.`).at({ txid })
  return { action, txid, params: await validate(action, params, txid), isRepeat: false }
}

async function validate(
  action: Pick<ServerAction, 'name' | 'schema'>,
  params: unknown,
  txid: string,
): Promise<unknown> {
  const { schema } = action
  const result = await schema['~standard'].validate(params)
  if (!result.issues) return result.value
  const [first] = result.issues
  const path = ['/params', ...pathOf(first)].join('/')
  const message = `The parameters of the action "${action.name}" are not what its schema takes: ${String(first?.message)}`
  throw refuse(422, 'invalid-params', message, path).at({ txid })
}

function refuse(status: number, code: string, message: string, path?: string): Refusal {
  return new Refusal({ status, code, message, path })
}
