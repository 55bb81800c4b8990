import { isDeeper } from '../gateway/parse-events.ts'
import { Refusal } from '../gateway/refusal.ts'

/** What is known of what an action returned. */
export type CallResult =
  /** It returned this; nothing where it returned nothing. */
  | { readonly type: 'returned'; readonly json: string | undefined }
  /** The action ran once, and its result is no longer known. */
  | { readonly type: 'forgotten' }

/** The header of the last event of a call that has its result, so that a repeated call is answered with the same. */
export const resultHeader = 'actionResult' as const

/** How long the JSON of a result may be, in characters. */
export const longestResult: number = 64 * 1024

/** Returns what an action returned as it is answered and stored. Throws a refusal, and what `JSON.stringify` throws. */
export function toCallResult(returned: unknown, depth: number): CallResult & { readonly type: 'returned' } {
  // Nothing for nothing, and for a function.
  const json = JSON.stringify(returned) as string | undefined
  if (json === undefined) return { type: 'returned', json }
  const refuse = (message: string): Refusal =>
    new Refusal({ status: 422, code: 'invalid-result', message: `The result of an action ${message}.` })
  if (json.length > longestResult)
    throw refuse(`has at most ${longestResult} characters of JSON; this one has ${json.length}`)
  if (isDeeper(JSON.parse(json), depth)) throw refuse(`has at most ${depth} levels of nesting`)
  return { type: 'returned', json }
}

/** Returns the body of the answer to a call; `null` where it returned nothing. */
export function toCallBody(result: CallResult | undefined): string | null {
  if (result?.type === 'forgotten') return '{"forgotten":true}'
  return result?.json === undefined ? null : `{"result":${result.json}}`
}
