// Builds the published packages into their dist/, in the order of their dependencies: ECMAScript modules in dist/, and
// CommonJS in dist/cjs/. An application that requires them would otherwise load a second copy of @tanstack/db: its own
// by `require`, ours by `import`.

import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasModule, isMain, publicPackages, root, run, runBin } from './workspace.mjs'

const commonJs = ['--module', 'commonjs', '--verbatimModuleSyntax', 'false', '--outDir']

/** Builds one package. Returns whether the compiler was content. */
export function build({ path, manifest }) {
  const dist = join(root, path, 'dist')
  rmSync(dist, { recursive: true, force: true })
  const project = ['-p', join(path, 'tsconfig.build.json')]
  if (!runBin('tsc', project)) return false
  // A package of commands alone is never imported.
  if (!hasModule({ manifest })) return true
  if (!runBin('tsc', [...project, ...commonJs, join(dist, 'cjs')])) return false
  writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n')
  // TypeScript rewrites `./a.ts` to `./a.js` in what it emits for Node, but not in the declarations.
  for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(dist, file), 'utf8')
    writeFileSync(
      join(dist, file),
      text.replace(/((?:from|import\() ?)(['"])(\.{1,2}\/[^'"]+)\.tsx?\2/g, '$1$2$3.js$2'),
    )
  }
  // A page that the package serves, in the place of the file that builds it in the workspace.
  const page = join(root, path, 'build-page.mjs')
  return !existsSync(page) || run(process.execPath, [page])
}

/** Builds all packages. Returns whether all of them were built. */
export function buildAll() {
  return publicPackages().map(build).every(Boolean)
}

if (isMain(import.meta.url) && !buildAll()) process.exitCode = 1
