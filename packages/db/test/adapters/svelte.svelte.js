import { useLiveQuery } from '@tanstack/svelte-db'
import { createReporter, openShop } from './shop.ts'

const db = openShop()
const report = createReporter(db)
$effect.root(() => {
  const query = useLiveQuery((q) => q.from({ user: db.collections.users }).orderBy(({ user }) => user.id))
  $effect(() => report(query.data.map(({ name }) => name)))
})
