// Moves an application from @durable-streams/state to StreamDB:
//
//   node scripts/migrate.mjs FOLDER          rewrites its sources and package.json
//   node scripts/migrate.mjs FOLDER --check  says what it would rewrite, and ends with 1 if that is anything
//
// Imports are rewritten; what else differs, and cannot be rewritten safely, is listed with its place. The differences are
// described in packages/db/README.md, "Moving here".

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { isMain, readJson, root } from './workspace.mjs'

/** What the published layer exports that needs TanStack DB; before version 0.3 it came from its root, too. */
const reactive =
  /\b(createStreamDB|getStreamDBCollectionId|StreamDB\w*|Action(Definition|Factory|Map)|CreateStreamDBOptions|createLiveQueryCollection|createCollection|createTransaction|createOptimisticAction|queryOnce|eq|gt|gte|lt|lte|and|or|not|count|sum|avg|min|max)\b/

/** Wherever a module is named: imports, exports, dynamic imports, `require`, and the mocks of Vitest and Jest. */
const specifier =
  /(\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\s*\(\s*|\b(?:vi|jest)\.\w+\s*\(\s*)(["'`])(@durable-streams\/state(?:\/db)?|@tanstack\/react-db)\2/g

/** What differs and is left to the reader: where it is found, and what to do. */
const differences = [
  [/\b_seq\b/, 'rows have no `_seq` here: sort by a field of the row, or by `keepInsertionOrder(db)`'],
  [
    /\.headers(\.\w+|\[[^\]]+\])\s*=[^=]/,
    'events are read-only in their types: give `headers` to the helper instead',
  ],
  [
    /\b(error|err|e)\.message\s*(\.(includes|match|startsWith)|===|==)/,
    'messages differ: branch on `error.code` (StreamDBError, StateError)',
  ],
  [/\.isPersisted\b/, 'TanStack DB 1.0 drops `isPersisted`: await `transaction.when("settled")`'],
  [/\$synced\b/, 'TanStack DB 1.0 drops `$synced`: use `$hasPendingWrites`'],
]

/** Returns the module that takes the place of one of the published layer's. */
function replacement(module, names, isReact) {
  if (module === '@tanstack/react-db') return '@streamdb/react'
  if (isReact) return '@streamdb/react'
  return module.endsWith('/db') || reactive.test(names) ? '@streamdb/db' : '@streamdb/state'
}

/**
 * Returns a source file as it is to be, what it then imports of StreamDB, and what is left to look at, by line.
 *
 * A file of React's (`.tsx`, or one that imports TanStack's hooks) takes everything from `@streamdb/react`. Text that is
 * no import of the published layer stays as it is, byte for byte.
 *
 * @param {string} file
 * @param {string} text
 */
export function migrateSource(file, text) {
  const isReact = /\.[jt]sx$/.test(file) || /["'`]@tanstack\/react-db["'`]/.test(text)
  const imports = new Set()
  const migrated = text.replace(specifier, (whole, before, quote, module, at) => {
    // A mock or a dynamic import lists no names: then those of the whole file count.
    const names = /^(from|import\s*['"])/.test(before + quote) ? namesBefore(text, at) : text
    const to = replacement(module, names, isReact)
    imports.add(to)
    return `${before}${quote}${to}${quote}`
  })
  const notes = imports.size === 0 ? [] : notesOn(text)
  return { text: migrated, imports: [...imports], notes }
}

/** Returns the names that an import statement lists: what stands between its keyword and its `from`. */
function namesBefore(text, at) {
  const statements = text.slice(0, at).split(/\b(?:import|export)\b/)
  return statements.length === 1 ? '' : statements.at(-1)
}

function notesOn(text) {
  return text
    .split('\n')
    .flatMap((line, index) =>
      differences
        .filter(([pattern]) => pattern.test(line))
        .map(([, advice]) => ({ line: index + 1, advice })),
    )
}

/**
 * Returns a package.json as it is to be: the published layer's packages out, those that the sources import in.
 *
 * `@tanstack/db` is set to the version of which StreamDB's hooks are made: two copies of it do not work together.
 */
export function migrateManifest(text, imports, versions) {
  const manifest = JSON.parse(text)
  for (const field of ['dependencies', 'devDependencies', 'peerDependencies']) {
    const dependencies = manifest[field]
    if (dependencies === undefined) continue
    const had = ['@durable-streams/state', '@tanstack/react-db'].filter((name) => name in dependencies)
    for (const name of had) delete dependencies[name]
    if ('@tanstack/db' in dependencies) dependencies['@tanstack/db'] = versions.tanstackDB
    if (had.length === 0) continue
    for (const name of imports) dependencies[name] = versions.streamDB
    manifest[field] = Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  '
  const migrated = `${JSON.stringify(manifest, undefined, indent)}\n`
  return JSON.stringify(JSON.parse(text)) === JSON.stringify(manifest) ? text : migrated
}

/** Migrates a folder; returns the files that change, relative to it, and the notes on what is left to look at. */
export function migrateFolder(folder, { write }) {
  const changed = []
  const notes = []
  const imports = new Set()
  const save = (file, before, after) => {
    if (before === after) return
    changed.push(relative(folder, file))
    if (write) writeFileSync(file, after)
  }
  for (const file of sourcesIn(folder)) {
    const before = readFileSync(file, 'utf8')
    const result = migrateSource(file, before)
    for (const name of result.imports) imports.add(name)
    for (const note of result.notes) notes.push({ file: relative(folder, file), ...note })
    save(file, before, result.text)
  }
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest)) {
    const before = readFileSync(manifest, 'utf8')
    save(manifest, before, migrateManifest(before, [...imports].sort(), currentVersions()))
  }
  return { changed, notes }
}

function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|build|\..+)$/.test(entry.name) ? [] : sourcesIn(path)
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : []
  })
}

function currentVersions() {
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  return {
    streamDB: `^${readJson('packages/db/package.json').version}`,
    tanstackDB: /^ {2}'@tanstack\/db': (.+)$/m.exec(catalog)[1],
  }
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [folder] = positionals
  if (folder === undefined || !existsSync(folder)) {
    console.error(
      `Expected the folder of an application, received ${folder ?? 'nothing'}: node scripts/migrate.mjs FOLDER`,
    )
    process.exit(2)
  }
  const { changed, notes } = migrateFolder(folder, { write: !values.check })
  for (const file of changed) console.log(`${values.check ? 'would rewrite' : 'rewrote'} ${file}`)
  for (const { file, line, advice } of notes) console.log(`look at ${file}:${line}: ${advice}`)
  if (changed.length === 0) console.log('Nothing to rewrite.')
  if (values.check && changed.length > 0) process.exitCode = 1
}
