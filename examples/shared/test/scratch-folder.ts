import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Creates a folder that exists as long as the running test. */
export function scratchFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'streamdb-example-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
