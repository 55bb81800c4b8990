// Builds the published packages into their dist/, in the order of their dependencies.

import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, publicPackages, root, runBin } from './workspace.mjs'

/** Builds one package. Returns whether the compiler was content. */
export function build({ path }) {
  const dist = join(root, path, 'dist')
  rmSync(dist, { recursive: true, force: true })
  if (!runBin('tsc', ['-p', join(path, 'tsconfig.build.json')])) return false
  // TypeScript rewrites `./a.ts` to `./a.js` in what it emits for Node, but not in the declarations.
  for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(dist, file), 'utf8')
    writeFileSync(
      join(dist, file),
      text.replace(/((?:from|import\() ?)(['"])(\.{1,2}\/[^'"]+)\.tsx?\2/g, '$1$2$3.js$2'),
    )
  }
  return true
}

/** Builds all packages. Returns whether all of them were built. */
export function buildAll() {
  return publicPackages().map(build).every(Boolean)
}

if (isMain(import.meta.url) && !buildAll()) process.exitCode = 1
