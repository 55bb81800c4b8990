import { Refusal } from './refusal.ts'
import type { RefusalReason } from './refusal.ts'

/**
 * The result of a rule. `undefined` and `true` allow; `false`, a message and a reason with a code refuse. If a rule throws, the
 * request is answered with 500, and the option `onError` is called.
 */
// oxlint-disable-next-line typescript/no-invalid-void-type -- the result of a rule that returns nothing
export type Verdict = boolean | void | undefined | string | RefusalReason

/** What a rule returns: a verdict, at once or later. */
export type Decision = Verdict | Promise<Verdict>

/** Returns the refusal that a verdict is; nothing where it allows. `otherwise`: what is said where the rule gives no reason. */
export function toRefusal(verdict: unknown, otherwise: RefusalReason, status = 403): Refusal | undefined {
  if (verdict === undefined || verdict === true) return undefined
  if (typeof verdict === 'string' && verdict !== '') {
    return new Refusal({ status, code: otherwise.code, message: verdict })
  }
  const { code, message, path } = Object(verdict) as Partial<Record<keyof RefusalReason, unknown>> // whatever a rule returned
  return new Refusal({
    status: code === 'conflict' ? 409 : status,
    code: isText(code) ? code : otherwise.code,
    message: isText(message) ? message : otherwise.message,
    path: isText(path) ? path : undefined,
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
