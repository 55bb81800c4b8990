// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../workspace.mjs'

/**
 * Loads `findCapabilities` and what it knows from the sources: Node 20 loads no TypeScript.
 * @returns {Promise<Pick<typeof import('../../packages/server/src/index.ts'), 'findCapabilities' | 'capabilityNames' | 'capabilityPurposes'>>}
 */
export async function loadCapabilities() {
  // Inside of a package that has its dependencies installed.
  const folder = mkdtempSync(join(root, 'packages/server/node_modules/.capabilities-'))
  try {
    const outfile = join(folder, 'server.mjs')
    await build({
      entryPoints: [join(root, 'packages/server/src/index.ts')],
      ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
