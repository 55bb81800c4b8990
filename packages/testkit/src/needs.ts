import { findCapabilities } from '@streamdb/server'
import type { Capabilities, Capability } from '@streamdb/server'
import { TestRunner } from 'vitest'

/** What a test may need of its stream server: something that it can do, or that it runs in this process. */
export type Need = Capability | 'embedded'

let found: Promise<Capabilities> | undefined

/**
 * Skips the test that calls it, or its `beforeEach`, where the stream server of `STREAMDB_SERVER_URL` cannot do that: the
 * reason is what the server answered. The embedded server of a usual run has everything.
 */
export async function needs(...all: readonly Need[]): Promise<void> {
  const { STREAMDB_SERVER_URL: url } = process.env
  if (url === undefined) return
  if (all.includes('embedded')) skip('embedded: the server runs in another process')
  const capabilities = await (found ??= findCapabilities({ url: new URL('capabilities', url).href }))
  for (const name of all) {
    if (name !== 'embedded' && !capabilities[name].supported) skip(`${name}: ${capabilities[name].detail}`)
  }
}

function skip(reason: string): never {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) throw new Error(`Only a test can be skipped, and none runs (${reason})`)
  return test.context.skip(reason)
}
