import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// packages/testkit/src -> the repository -> beside it.
const folder = new URL('../../../../shared/data/', import.meta.url)

/**
 * Finds a file of the recorded data that lies beside the repository (`../shared/data`).
 *
 * Returns `undefined` when it is absent, as in a fresh clone: skip the test then, and say which file it wanted.
 *
 * @example
 * const log = sharedData('git-history.ndjson')
 * test.skipIf(log === undefined)('materialises the history (needs ../shared/data/git-history.ndjson)', ...)
 */
export function sharedData(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, folder))
  return existsSync(path) ? path : undefined
}
