// Builds the published packages into their dist/: ECMAScript modules in dist/, and CommonJS in dist/cjs/. An application
// that requires them would otherwise load a second copy of @tanstack/db: its own by `require`, ours by `import`.
//
// `npm run build` always builds. The checks that need what is built share it as long as no file that goes into it changes.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hasModule, isMain, publicPackages, root, run, sideBySide, startBin } from './workspace.mjs'

// The first of the two has checked the types already.
const commonJs = ['--module', 'commonjs', '--verbatimModuleSyntax', 'false', '--noCheck', '--outDir']

/** What was built last: a hash of all that decides what is in the dist/ folders. */
const stampFile = join(root, 'node_modules/.streamdb/built')

/** Builds the modules of one package. Resolves with whether the compiler was content. */
async function buildModules({ path, manifest }) {
  const dist = join(root, path, 'dist')
  rmSync(dist, { recursive: true, force: true })
  const project = ['--singleThreaded', '-p', join(path, 'tsconfig.build.json')]
  if (!(await startBin('tsc', project))) return false
  // A package of commands alone is never imported.
  if (!hasModule({ manifest })) return true
  if (!(await startBin('tsc', [...project, ...commonJs, join(dist, 'cjs')]))) return false
  writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n')
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

/** Builds the page that a package serves, in the place of the file that builds it in the workspace. */
function buildPage({ path }) {
  const page = join(root, path, 'build-page.mjs')
  return !existsSync(page) || run(process.execPath, [page])
}

/** Hashes the sources of all packages, and what says how they are built. */
export function stampOfSources() {
  const hash = createHash('sha256').update(process.version)
  const files = readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => sourcesIn(`packages/${name}`))
  for (const file of [...files, 'tsconfig.base.json', 'pnpm-lock.yaml', 'scripts/build.mjs']) {
    hash.update(`\n${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/** Lists a package's files but for what is installed or built, its tests and its report. */
function sourcesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !['api', 'dist', 'node_modules', 'test'].includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return sourcesIn(path)
      return entry.isFile() ? [path] : []
    })
}

/** Builds all packages, or, unless told `always`, those of other sources than what is there. Resolves with whether all are built. */
export async function buildAll({ always = false } = {}) {
  const packages = publicPackages()
  const stamp = stampOfSources()
  const isBuilt = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
  if (!always && isBuilt && packages.every(({ path }) => existsSync(join(root, path, 'dist')))) return true
  rmSync(stampFile, { force: true })
  const modules = await sideBySide(packages, buildModules)
  if (!modules.every(Boolean) || !packages.map(buildPage).every(Boolean)) return false
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, stamp)
  return true
}

if (isMain(import.meta.url) && !(await buildAll({ always: true }))) process.exitCode = 1
