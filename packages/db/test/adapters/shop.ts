import { createStateSchema, createStreamDB } from '@streamdb/db'
import { z } from 'zod'

/** Opens the stream whose URL the program is given. */
export function openShop() {
  const schema = z.object({ id: z.string(), name: z.string() })
  const state = createStateSchema({ users: { schema, type: 'user', primaryKey: 'id' } })
  return createStreamDB({ streamOptions: { url: process.argv[2] ?? '' }, state })
}

export type Shop = ReturnType<typeof openShop>

/** Prints what a framework shows whenever it shows something else; writes, and ends, once it has shown the first rows. */
export function createReporter(db: Shop): (names: readonly string[]) => void {
  let last = ''
  return (names) => {
    const line = names.join(' ')
    if (line === last || line === '') return
    last = line
    console.log(line)
    if (names.length === 1) db.collections.users.insert({ id: '2', name: 'Grace' })
    else process.exit(0)
  }
}
