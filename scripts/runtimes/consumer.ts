import { MaterializedState } from '@streamdb/state'
import { StreamDBError } from '@streamdb/log'
import { createStateSchema, createStreamDB, eq } from '@streamdb/db'
import { useLiveQuery, useStreamDB } from '@streamdb/react'

interface User {
  id: string
  name: string
}

const schema = {
  '~standard': {
    version: 1 as const,
    vendor: 'handwritten',
    validate: (value: unknown) => ({ value: value as User }),
  },
}
const state = createStateSchema({ users: { schema, type: 'user', primaryKey: 'id' } })
const db = createStreamDB({ streamOptions: { url: 'https://streams.example.com/users' }, state })

export const name: string | undefined = db.collections.users.get('1')?.name
export const error: StreamDBError | undefined = undefined
export const plain: MaterializedState = new MaterializedState()

export function useNames(): string[] {
  const { users } = useStreamDB<typeof db>().collections
  const { data } = useLiveQuery({
    query: (q) => q.from({ user: users }).where(({ user }) => eq(user.name, 'Ada')),
  })
  return data.map((user) => user.name)
}
