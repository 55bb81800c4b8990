import { SessionError } from './errors.ts'

/** Returns a value as JSON. Throws `invalid-options` for one that is none, and says what it is of. */
export function toJson(value: unknown, what: string): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SessionError(
      'invalid-options',
      `${what} cannot be written, because it holds what is no JSON: ${reason}`,
      { cause },
    )
  }
}
