import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** Bundles a program into a folder of its own, which goes with the test: Node 20 loads no TypeScript. */
export async function buildProgram(
  entry: URL,
): Promise<{ readonly directory: string; readonly program: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'streamdb-program-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const program = join(directory, 'program.mjs')
  await build({
    entryPoints: [fileURLToPath(entry)],
    ...{ bundle: true, platform: 'node', format: 'esm', outfile: program },
  })
  return { directory, program }
}
