import { buildOnce } from '@streamdb/example-shared/server'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Builds the program that an agent's process runs: one file, in a temporary folder. Its source is TypeScript, as that of
 * StreamDB is.
 * @param {string} root The folder of the example.
 * @returns {Promise<{ readonly program: string, remove(): Promise<void> }>}
 */
export async function buildAgents(root) {
  const code = await buildOnce(`agents ${root}`, async () => buildCode(root))
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-agents-'))
  const program = join(folder, 'agents.mjs')
  await writeFile(program, code)
  return { program, remove: async () => rm(folder, { recursive: true, force: true }) }
}

/** @param {string} root */
async function buildCode(root) {
  const { build } = await import('vite')
  const built = await build({
    ...{ root, configFile: false, logLevel: 'warn', ssr: { noExternal: true } },
    build: {
      ssr: 'agents/main.ts',
      write: false,
      minify: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const [file] = 'output' in built ? built.output : []
  if (file?.type !== 'chunk') throw new Error('Expected one file from Vite but received none')
  return file.code
}
