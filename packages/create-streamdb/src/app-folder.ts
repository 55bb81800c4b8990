import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'

/** Where an application is made, and its name; or why it cannot be made there. */
export type AppFolder =
  | { readonly type: 'usable'; readonly path: string; readonly name: string }
  | { readonly type: 'unusable'; readonly message: string }

/** What a folder may hold already: a repository that was made first. */
const harmless = ['.git', '.DS_Store']

/** Checks the folder of a new application: it does not exist, or is empty. */
export function checkFolder(given: string): AppFolder {
  const path = resolve(given)
  if (given.trim() === '')
    return { type: 'unusable', message: 'Expected the name of a folder but received nothing' }
  let names: string[]
  try {
    names = readdirSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') return { type: 'unusable', message: `${path} cannot be used: ${message}` }
    names = []
  }
  const found = names.filter((name) => !harmless.includes(name))
  if (found.length > 0) {
    const what = found.slice(0, 3).join(', ')
    return {
      type: 'unusable',
      message: `The folder ${path} is not empty: it holds ${what}. Choose another one`,
    }
  }
  return { type: 'usable', path, name: toPackageName(basename(path)) }
}

/** Returns a name that npm takes. */
export function toPackageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
    .slice(0, 214)
  return name === '' || name === 'node_modules' ? 'my-app' : name
}
