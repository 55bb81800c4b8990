import { createStreamDB, StreamDBProvider, useLiveQuery, useStreamDB } from '@streamdb/react'
import { state } from './state.mjs'

export const db = createStreamDB({ streamOptions: { url: 'http://127.0.0.1:9/none' }, state })

export function Names() {
  const { users } = useStreamDB().collections
  const { data } = useLiveQuery({ query: (q) => q.from({ user: users }) })
  return <p>{data.length} users</p>
}

export function App() {
  return (
    <StreamDBProvider db={db}>
      <Names />
    </StreamDBProvider>
  )
}
