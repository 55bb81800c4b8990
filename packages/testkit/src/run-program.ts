import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface RunProgramOptions {
  readonly args?: readonly string[] | undefined
  /** Flags of Node itself, such as `--expose-gc`. */
  readonly nodeArgs?: readonly string[] | undefined
  /** Kills a program that has not ended by itself, and rejects, after so many milliseconds. */
  readonly timeout?: number | undefined
  /** Packages that are loaded from the folder of the program in place of being bundled. */
  readonly external?: readonly string[] | undefined
}

/**
 * Runs a TypeScript program in a Node process of its own, and resolves with what it printed.
 *
 * It is bundled first, because Node 20 does not load TypeScript. Rejects when the program fails or is killed.
 *
 * @example
 * const printed = await runProgram(new URL('./programs/open-and-close.ts', import.meta.url), { args: [url] })
 */
export async function runProgram(entry: URL, options: RunProgramOptions = {}): Promise<string> {
  // Loaded here, as esbuild refuses to load where tests run in jsdom.
  const { build } = await import('esbuild')
  const file = fileURLToPath(entry)
  const external = [...(options.external ?? [])]
  // Node looks for packages from where a program lies.
  const folder = await mkdtemp(join(external.length > 0 ? dirname(file) : tmpdir(), 'streamdb-'))
  const outfile = join(folder, 'program.mjs')
  try {
    await build({
      entryPoints: [file],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external,
    })
    const argv = [...(options.nodeArgs ?? []), outfile, ...(options.args ?? [])]
    const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: options.timeout ?? 0 })
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}
