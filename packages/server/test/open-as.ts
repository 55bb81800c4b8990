import { createStreamDB } from '@streamdb/db'
import type { CreateStreamDBOptions, StreamDB } from '@streamdb/db'
import type { StateDefinition } from '@streamdb/state'
import { onTestFinished } from 'vitest'
import { quick } from './logs.ts'

type Options<Definitions extends StateDefinition> = Omit<CreateStreamDBOptions<Definitions>, 'streamOptions'>

/** Opens a database as a user, whom its token names. It is closed with the test. */
export function openAs<Definitions extends StateDefinition>(
  user: string,
  { url, ...options }: Options<Definitions> & { readonly url: string },
): StreamDB<Definitions> {
  const streamOptions = { url, headers: { authorization: `Bearer ${user}` } }
  const db = createStreamDB<Definitions>({ streamOptions, retry: quick, ...options })
  onTestFinished(() => db.close())
  return db
}
