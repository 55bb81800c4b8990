// Checks the fences of docs/architecture.md ("Who may import what") that a linter of single files cannot see: what a
// file loads through other files, cycles, layers, and manifests. The fences between packages are in .oxlintrc.json, so
// that editors show them.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { isMain, readJson, root } from './workspace.mjs'

/** A file that `files` matches never loads the module, be it through ten other files. `import type` loads nothing. */
const walls = [
  {
    files: /^log\/src\//,
    never: '@tanstack/db',
    why: 'reading and appending a stream knows nothing of collections, so it runs without them',
  },
  {
    files: /^db\/src\/(sync|options)\//,
    never: '@tanstack/db',
    why: 'inside db only collections/ loads TanStack: what a batch means does not depend on who shows it',
  },
  {
    files: /^db\/src\/collections\//,
    never: '@durable-streams/client',
    why: 'what a batch does to collections does not depend on how it arrived',
  },
]

/** Files that themselves import the module at run time, outside of those that may. */
const doors = [
  {
    module: '@tanstack/db',
    files: /^db\/src\//,
    only: /^db\/src\/(collections\/|index\.ts$)/,
    why: 'inside db only collections/ loads TanStack, so that an upgrade of it is looked at in one place',
  },
  {
    module: '@opentelemetry/api',
    files: /^db\/src\//,
    only: /^db\/src\/otel\//,
    why: 'it is an optional peer: only the entry @streamdb/db/otel needs it',
  },
]

/**
 * The layers of a package, from the top down: a file imports from its own layer and from those below, types included.
 * A file that no layer names is free.
 */
const layers = {
  'db/src/': [
    ['index.ts'],
    ['create-stream-db.ts', 'sharing.ts'],
    ['database.ts'],
    ['writes/', 'hydration.ts'],
    ['sync/'],
    ['collections/'],
    // The status and its errors are what every layer speaks of.
    ['sync/status.ts', 'sync/older-state.ts'],
  ],
}

/** Returns the modules that `source` loads when it runs: imports and re-exports without `import type`. */
export function loadedBy(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const statements =
    /^\s*(?:import|export)\s+(?!type\s+[{*\w])(?:[\w*{][^'";=()]*?\sfrom\s*)?['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return [...code.matchAll(statements), ...code.matchAll(dynamic)].map(([, specifier]) => specifier)
}

/** Returns every module that `source` names, types included. */
export function importedBy(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const statements = /^\s*(?:import|export)\s+(?:type\s+)?(?:[\w*{][^'";=()]*?\sfrom\s*)?['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return [...code.matchAll(statements), ...code.matchAll(dynamic)].map(([, specifier]) => specifier)
}

/** Returns the files that `file` names by a relative path, types included. */
function neighbours(files, file) {
  return importedBy(files.get(file) ?? '')
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(dirname(file), specifier))
}

/** Returns the cycles of imports, types included, each as the chain that closes it. */
export function cycles(files) {
  const found = []
  const done = new Set()
  function visit(file, chain) {
    const start = chain.indexOf(file)
    if (start !== -1) return void found.push([...chain.slice(start), file])
    if (done.has(file)) return
    for (const next of neighbours(files, file)) visit(next, [...chain, file])
    done.add(file)
  }
  for (const file of files.keys()) visit(file, [])
  return found
}

/** Returns the index of the layer of `file`, by the longest name that matches, or -1. */
function layerIn(order, folder, file) {
  if (!file.startsWith(folder)) return -1
  const path = file.slice(folder.length)
  const matches = order.flatMap((names, layer) =>
    names.filter((name) => path.startsWith(name)).map((name) => ({ layer, length: name.length })),
  )
  return matches.reduce((best, match) => (match.length > best.length ? match : best), {
    layer: -1,
    length: 0,
  }).layer
}

/** Returns the imports that climb from a layer to one above it, as pairs of files. */
export function climbs(files, layersOf = layers) {
  return Object.entries(layersOf).flatMap(([folder, order]) => {
    const layerOf = (file) => layerIn(order, folder, file)
    return [...files.keys()].flatMap((file) =>
      neighbours(files, file)
        .filter((next) => layerOf(next) !== -1 && layerOf(next) < layerOf(file))
        .map((next) => [file, next]),
    )
  })
}

/** Returns the shortest chain by which `file` comes to load `module`, or undefined. `files` maps a path to its source. */
export function chainTo(files, file, module) {
  const chains = [[file]]
  const seen = new Set([file])
  for (const chain of chains) {
    const last = chain.at(-1)
    for (const specifier of loadedBy(files.get(last) ?? '')) {
      if (specifier === module || specifier.startsWith(`${module}/`)) return [...chain, specifier]
      const next = posix.join(dirname(last), specifier)
      if (!specifier.startsWith('.') || seen.has(next)) continue
      seen.add(next)
      chains.push([...chain, next])
    }
  }
  return undefined
}

/** Returns what is wrong with the sources under `packages`, a line each. `files` maps `db/src/reader.ts` to its text. */
export function fenceProblems(files) {
  const problems = []
  const say = (file, problem) => problems.push(`packages/${file}: ${problem}`)

  for (const { files: walled, never, why } of walls) {
    for (const file of files.keys()) {
      if (!walled.test(file)) continue
      const chain = chainTo(files, file, never)
      if (chain !== undefined)
        say(file, `loads ${never} by ${chain.join(' -> ')}, and must not: ${why} (docs/architecture.md).`)
    }
  }
  for (const { module, files: inside, only, why } of doors) {
    for (const [file, source] of files) {
      if (inside.test(file) && !only.test(file) && loadedBy(source).includes(module))
        say(file, `loads ${module}, and must not: ${why}. Put what needs it into collections/.`)
    }
  }
  for (const chain of cycles(files)) {
    say(chain[0], `is in a cycle of imports: ${chain.join(' -> ')}. Types count too (docs/style.md, 4).`)
  }
  for (const [file, next] of climbs(files)) {
    say(file, `imports ${next}, which is above it: imports run downward (docs/architecture.md).`)
  }
  for (const [file, source] of files) {
    for (const specifier of loadedBy(source)) {
      // The build puts another file in the place of the one that imports a page's builder (scripts/build.mjs).
      if (specifier.startsWith('.') && !/\.(tsx?|json)$|\/build-page\.mjs$/.test(specifier)) {
        say(
          file,
          `imports ${specifier}: a relative import ends in .ts (docs/style.md, 4), or Node cannot load what is built.`,
        )
      }
    }
    // @streamdb/react passes on all of TanStack, some 450 names: they are TanStack's to list.
    const own = source.replace(/^export \* from '@tanstack\/react-db'$/m, '')
    if (/^export \* from/m.test(own))
      say(file, 'has an `export *`: write each public name out (docs/style.md, 4).')
  }
  return problems
}

/** Returns what is wrong with the manifests: nothing published depends on what is not. */
export function manifestProblems(manifests) {
  const unpublished = manifests
    .filter((manifest) => manifest.private === true)
    .map((manifest) => manifest.name)
  return manifests
    .filter((manifest) => manifest.private !== true)
    .flatMap((manifest) =>
      Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
        .filter((name) => unpublished.includes(name))
        .map(
          (name) =>
            `${manifest.name}: depends on ${name}, which is never published. Only tests may: devDependencies.`,
        ),
    )
}

function packageSources() {
  const files = new Map()
  for (const folder of readdirSync(join(root, 'packages'))) {
    const src = join(root, 'packages', folder, 'src')
    if (!existsSync(src)) continue
    for (const name of readdirSync(src, { recursive: true })) {
      if (/\.tsx?$/.test(name)) files.set(`${folder}/src/${name}`, readFileSync(join(src, name), 'utf8'))
    }
  }
  return files
}

if (isMain(import.meta.url)) {
  const files = packageSources()
  const manifests = readdirSync(join(root, 'packages')).map((folder) =>
    readJson(`packages/${folder}/package.json`),
  )
  const gone = walls.filter((wall) => ![...files.keys()].some((file) => wall.files.test(file)))
  const problems = [
    ...fenceProblems(files),
    ...manifestProblems(manifests),
    ...gone.map(
      ({ files: wall }) => `scripts/check-fences.mjs: no file matches ${wall}. Name what took its place.`,
    ),
  ]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
  else process.stdout.write(`fences: ${files.size} files, none crosses a fence\n`)
}
