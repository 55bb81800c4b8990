import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnosis } from './diagnosis.ts'

const check = 'one TanStack DB'

/** Checks that a project has one copy of @tanstack/db: live queries of one cannot read the collections of another. */
export function checkCopies(project: string): Diagnosis {
  const root = join(project, 'node_modules')
  if (!existsSync(root)) {
    return {
      check,
      verdict: 'skipped',
      message: `${project} has no node_modules`,
      remedy: 'Pass --project FOLDER to look into an application',
    }
  }
  const copies = findCopies(root)
  const versions = [...copies].map(([path, version]) => `${version} in ${path}`)
  if (copies.size === 0)
    return { check, verdict: 'skipped', message: `@tanstack/db is not installed in ${project}` }
  if (copies.size === 1) return { check, verdict: 'ok', message: `@tanstack/db ${versions.join()}` }
  return {
    check,
    verdict: 'fault',
    message: `${copies.size} copies of @tanstack/db are installed: ${versions.join('; ')}. Live queries throw, or show nothing`,
    remedy:
      'Install one version: set @tanstack/db in your own dependencies to the one that @tanstack/react-db pins ' +
      '(npm ls @tanstack/db shows who asks for which); where two remain, delete node_modules and the lock file',
  }
}

/** Returns the folders of all copies with their versions, each once however many links lead to it. */
function findCopies(root: string): Map<string, string> {
  const copies = new Map<string, string>()
  const seen = new Set<string>()
  const visit = (modules: string): void => {
    for (const name of list(modules)) {
      const path = join(modules, name)
      if (name === '.pnpm') for (const each of list(path)) visit(join(path, each, 'node_modules'))
      else if (name.startsWith('@'))
        for (const each of list(path)) visitPackage(join(path, each), `${name}/${each}`)
      else if (!name.startsWith('.')) visitPackage(path, name)
    }
  }
  const visitPackage = (path: string, name: string): void => {
    if (!existsSync(path)) return
    const real = realpathSync(path)
    if (seen.has(real)) return
    seen.add(real)
    if (name === '@tanstack/db') copies.set(real, versionIn(real))
    visit(join(real, 'node_modules'))
  }
  visit(root)
  return copies
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function versionIn(folder: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version?: unknown
    }
    return String(version)
  } catch {
    return 'of an unknown version'
  }
}
