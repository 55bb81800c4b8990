import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** Lets all servers that one run of the tests starts share what they build (`buildOnce`). A `globalSetup` of Vitest. */
export default function shareBuilds(project: TestProject): (() => void) | undefined {
  // Of several projects the first one does it for all.
  if (process.env['EXAMPLE_BUILDS'] !== undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'streamdb-builds-'))
  process.env['EXAMPLE_BUILDS'] = folder
  // What is built anew when the sources change must not be what was there before.
  project.onTestsRerun(() => {
    for (const file of readdirSync(folder)) rmSync(join(folder, file), { force: true })
  })
  return () => {
    delete process.env['EXAMPLE_BUILDS']
    rmSync(folder, { recursive: true, force: true })
  }
}
