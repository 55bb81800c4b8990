import { StreamDBError } from '@streamdb/log'
import type { Codec } from './codec.ts'

/** Throws `invalid-options` for a codec that does not both encode and decode. */
export function checkCodec(codec: Codec | undefined): void {
  const { encode, decode } = Object(codec) as Partial<Record<keyof Codec, unknown>> // whatever was given
  if (codec === undefined || (typeof encode === 'function' && typeof decode === 'function')) return
  throw invalid('codec', 'an object with the functions encode and decode', codec)
}

/** Throws `invalid-options` for whatever is no text as the user: others than text would be the same user. */
export function checkUser(user: unknown): void {
  if (typeof user !== 'string') throw invalid('user', 'a string', user)
}

/** Throws `invalid-options` for whatever cannot be a directory. */
export function checkDirectory(directory: unknown): void {
  if (typeof directory !== 'string' || directory === '')
    throw invalid('directory', 'a path that is not empty', directory)
}

function invalid(name: string, expected: string, received: unknown): StreamDBError {
  const kind = received === '' || received === null ? JSON.stringify(received) : typeof received
  return new StreamDBError(
    'invalid-options',
    `The options of a storage: expected ${name} to be ${expected} but received ${kind}`,
  )
}
