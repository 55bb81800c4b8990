import type { StateDefinition } from '@streamdb/state'
import { toRefusal } from './decision.ts'
import type { StreamHandlerOptions } from './options.ts'
import type { Principal } from './principal.ts'
import { Refusal } from './refusal.ts'
import type { StreamName } from './stream-name.ts'

/** Returns the user of a request. Throws a refusal, 401, without a user, and a `TypeError` for a user without an id. */
export async function authenticated<State extends StateDefinition, User extends Principal>(
  request: Request,
  { authenticate }: Pick<StreamHandlerOptions<State, User>, 'authenticate'>,
): Promise<User> {
  const user = await authenticate(request)
  // Callers without types may return null.
  if (user === undefined || (user as unknown) === null) {
    throw new Refusal({
      ...{ status: 401, code: 'unauthenticated', message: 'Expected credentials.' },
      headers: { 'www-authenticate': 'Bearer' },
    })
  }
  if (typeof user.id !== 'string' || user.id === '') {
    throw new TypeError('authenticate: expected undefined, or a user whose id is a text and not empty')
  }
  return user
}

/** Returns who asks to read a stream, and may. Throws a refusal. */
export async function authorizedReader<State extends StateDefinition, User extends Principal>(
  request: Request,
  stream: StreamName,
  options: StreamHandlerOptions<State, User>,
): Promise<User> {
  const user = await authenticated(request, options)
  const verdict = await options.authorizeRead?.({ user, stream: stream.log, request })
  const refusal = toRefusal(verdict, { code: 'forbidden', message: 'You may not read this stream.' })
  if (refusal !== undefined) throw refusal
  return user
}
