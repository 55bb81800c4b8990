import { StreamDBError } from '@streamdb/log'
import { isEqual } from '../collections/transactions.ts'
import { explainLoss } from './json-loss.ts'

/**
 * Throws `invalid-write` where the parameters of an action's function cannot be kept: run again after a reload it would be
 * called with others.
 */
export function assertKeepable(params: unknown, action: string | undefined): void {
  let again: unknown
  try {
    // Without a value JSON has no text.
    again = params === undefined ? undefined : JSON.parse(JSON.stringify(params))
  } catch {
    again = undefined
  }
  if (isEqual(again, params)) return
  const why = explainLoss(params, again) ?? 'parsing them again yields others'
  throw new StreamDBError(
    'invalid-write',
    `The parameters of the action "${String(action)}" cannot be kept as JSON: ${why}. With offline: true they are stored ` +
      'beside the transaction, to run its mutationFn after a reload: pass plain values, such as a date as text',
  )
}
