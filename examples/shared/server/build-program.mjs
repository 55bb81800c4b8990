import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildOnce } from './build-once.mjs'

/**
 * Builds a program for processes of an example: one file, in a temporary folder. Its source is TypeScript, as that of
 * StreamDB is.
 * @param {string} root The folder of the example.
 * @param {string} entry The program's first file, in that folder.
 * @returns {Promise<{ readonly program: string, remove(): Promise<void> }>}
 */
export async function buildProgram(root, entry) {
  const code = await buildOnce(`${entry} of ${root}`, async () => buildCode(root, entry))
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-program-'))
  const program = join(folder, 'program.mjs')
  await writeFile(program, code)
  return { program, remove: async () => rm(folder, { recursive: true, force: true }) }
}

/**
 * @param {string} root
 * @param {string} entry
 */
async function buildCode(root, entry) {
  const { build } = await import('vite')
  const built = await build({
    ...{ root, configFile: false, logLevel: 'warn', ssr: { noExternal: true } },
    build: { ssr: entry, write: false, minify: false, rolldownOptions: { output: { codeSplitting: false } } },
  })
  const [file] = 'output' in built ? built.output : []
  if (file?.type !== 'chunk') throw new Error('Expected one file from Vite but received none')
  return file.code
}
