import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = fileURLToPath(new URL('..', import.meta.url))

/** Compiles a project of this folder, and returns the compiler's errors: the empty string where there is none. */
export async function compile(project: string): Promise<string> {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(typescript), 'bin', 'tsc')
  const run = promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', join(here, project)], {
    cwd: here,
  })
  return run.then(
    () => '',
    (failure: { readonly stdout: string }) => failure.stdout,
  )
}
