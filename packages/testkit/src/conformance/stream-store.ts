import type { StreamStore } from '@streamdb/log'
import { storeChecks } from '@streamdb/persist/conformance'
import { describe, test } from 'vitest'

/** Makes a store with nothing in it. */
export type CreateStore = () => Promise<StreamStore> | StreamStore

/** Runs the laws of `StreamStore` on an implementation: the checks that `@streamdb/persist` gives applications. */
export function describeStreamStore(name: string, create: CreateStore): void {
  describe(`StreamStore: ${name}`, () => {
    test.each(storeChecks.map((check) => [check.name, check] as const))(
      '[S2] [S3] %s',
      async (_, { run }) => {
        await run(await create())
      },
    )
  })
}
