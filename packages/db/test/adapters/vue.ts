import { useLiveQuery } from '@tanstack/vue-db'
import { effectScope, watchEffect } from 'vue'
import { createReporter, openShop } from './shop.ts'

const db = openShop()
const report = createReporter(db)
effectScope().run(() => {
  const { data } = useLiveQuery((q) => q.from({ user: db.collections.users }).orderBy(({ user }) => user.id))
  watchEffect(() => report(data.value.map(({ name }) => name)))
})
