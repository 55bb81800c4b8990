import { createCollection } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'

/**
 * Throws `duplicate-tanstack-db` where another package uses another copy of `@tanstack/db` than this one does.
 *
 * Live queries of one copy cannot read the collections of another: every query would fail, with an error that does
 * not say why (SPEC fact 6). `theirs` is the other package's `createCollection`, `importer` its name.
 */
export function assertOneTanStackDB(theirs: unknown, importer: string): void {
  if (theirs === createCollection) return
  const ours = versionFrom('@streamdb/db')
  const other = versionFrom(importer)
  throw new StreamDBError(
    'duplicate-tanstack-db',
    `Two copies of @tanstack/db are loaded: @streamdb/db uses ${ours}, ${importer} uses ${other}. ` +
      `Install one version: set @tanstack/db in your own dependencies to the one ` +
      `that ${importer} pins (npm ls @tanstack/db shows both); where two remain, delete node_modules and the lock file`,
  )
}

interface Resolver {
  (name: string): unknown
  resolve(name: string): string
}

interface Modules {
  createRequire(from: string): Resolver
}

/**
 * Returns the version of the copy that `importer` loads, as far as this runtime can tell: in Node, started in the folder
 * of the application. (No `import.meta`, which Hermes and CommonJS do not know.)
 */
function versionFrom(importer: string): string {
  try {
    const { process } = globalThis as { process?: NodeProcess } // absent in browsers
    const modules = process?.getBuiltinModule?.('node:module') as Modules | undefined // Node says what it is
    if (process === undefined || modules === undefined) return 'one copy'
    const application = modules.createRequire(`${process.cwd()}/`)
    const from = modules.createRequire(pathOf(importer, application, modules))
    const { version } = from('@tanstack/db/package.json') as { version: string } // every manifest has one
    return version
  } catch {
    return 'one copy'
  }
}

/** Finds a package of the application's, or one that only `@streamdb/react` depends on: pnpm keeps those apart. */
function pathOf(name: string, application: Resolver, modules: Modules): string {
  try {
    return application.resolve(name)
  } catch {
    return modules.createRequire(application.resolve('@streamdb/react')).resolve(name)
  }
}

interface NodeProcess {
  cwd(): string
  getBuiltinModule?(name: string): unknown
}
