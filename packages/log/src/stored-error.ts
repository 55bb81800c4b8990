import { StreamDBError } from './errors.ts'
import type { StoredError } from './stored-write.ts'

/** Returns an error in the form that JSON holds. */
export function toStoredError(error: StreamDBError): StoredError {
  const { code, message, status, body, dependsOn, reason } = error
  return {
    code,
    message,
    ...(status !== undefined && { status }),
    ...(isJson(body) && { body }),
    ...(dependsOn !== undefined && { dependsOn }),
    ...(reason !== undefined && { reason }),
  }
}

/** Returns the error that was stored. */
export function fromStoredError(stored: StoredError): StreamDBError {
  const { code, message, ...details } = stored
  return new StreamDBError(code, message, details)
}

/** What a server said was JSON or text; an error of the application may hold anything. */
function isJson(value: unknown): boolean {
  if (value === undefined) return false
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}
