import { useLiveQuery } from '@tanstack/solid-db'
import { createEffect, createRoot } from 'solid-js'
import { createReporter, openShop } from './shop.ts'

const db = openShop()
const report = createReporter(db)
createRoot(() => {
  const rows = useLiveQuery((q) => q.from({ user: db.collections.users }).orderBy(({ user }) => user.id))
  createEffect(() => report(rows().map(({ name }) => name)))
})
