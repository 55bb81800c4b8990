import { StreamDBError } from './errors.ts'
import { isPassing } from './http-error.ts'

/**
 * Returns whether an error of a function of the application is temporary: the network failed, or a server is unavailable for
 * now. All other errors are left to the application.
 */
export function mayPass(thrown: unknown): boolean {
  if (thrown instanceof StreamDBError) return thrown.code === 'unreachable'
  if (typeof thrown !== 'object' || thrown === null) return false
  const { name, status, cause } = thrown as { name?: unknown; status?: unknown; cause?: unknown } // looked at, whatever it is
  if (typeof status === 'number') return isPassing(status)
  if (name === 'NetworkError' || name === 'TimeoutError') return true
  // What `fetch` rejects with where there is no answer; in Node with what the network said, in browsers with words alone.
  if (name === 'TypeError') return isNetworkError(cause) || isFetchMessage(thrown)
  return isNetworkError(thrown)
}

function isNetworkError(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown } // looked at, whatever it is
  return typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code)
}

function isFetchMessage(error: object): boolean {
  const { message } = error as { message?: unknown } // looked at, whatever it is
  return typeof message === 'string' && /fetch|network|load failed/i.test(message)
}
