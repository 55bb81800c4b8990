import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilTestEnds } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'

/** Creates a folder that exists as long as the running test, or as `lifetime` says. */
export function scratchFolder(lifetime: Lifetime = untilTestEnds): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'streamdb-example-')))
  lifetime(() => rmSync(path, { recursive: true, force: true }))
  return path
}
