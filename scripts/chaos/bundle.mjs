import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '../workspace.mjs'

/** The programs of packages/chaos. */
const programs = ['writer', 'reader', 'compactor', 'agent', 'participant']

/**
 * Bundles the clients with everything they need, as Node 20 loads no TypeScript.
 * @param {string} outdir
 */
export async function bundleClients(outdir) {
  await build({
    entryPoints: programs.map((name) => join(root, `packages/chaos/src/${name}.ts`)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
}
