// Stands for src/collections/create.ts in the project `db-on-demand` (vitest.workspace.ts), so that the tests of the laws
// run on collections that are loaded on demand: each is, and has a query that needs all of its rows.

import { createCollections as create } from '../../src/collections/create.ts'

export const createCollections: typeof create = (definitions, context) => {
  const collections = create(definitions, { ...context, syncModeOf: () => 'on-demand' })
  for (const { config } of collections.values()) {
    const { sync } = config.sync
    config.sync.sync = (parameters) => {
      const started = sync(parameters)
      if (typeof started !== 'object' || started.loadSubset === undefined)
        throw new Error('expected a loader')
      void started.loadSubset({})
      return started
    }
  }
  return collections
}
