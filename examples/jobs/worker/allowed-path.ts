import { realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'

/** A path that no job may work on. */
export class ForbiddenPath extends Error {
  override readonly name = 'ForbiddenPath'
}

/**
 * Returns the real path of what a job names: relative to the first allowed folder, or absolute. Rejects with `ForbiddenPath`
 * where it lies in none of them, also by way of a symbolic link; nothing is said about what exists there.
 */
export async function allowedPath(roots: readonly string[], path: string): Promise<string> {
  const [first = '.'] = roots
  if (path.includes('\0')) throw new ForbiddenPath('The path contains a zero byte.')
  const named = resolve(first, path)
  const real = await Promise.all(roots.map(async (root) => realpath(root)))
  if (![...roots, ...real].some((root) => isWithin(root, named))) throw forbidden(path, roots)
  const found = await realpath(named)
  if (!real.some((root) => isWithin(root, found))) throw forbidden(path, roots)
  return found
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`))
}

function forbidden(path: string, roots: readonly string[]): ForbiddenPath {
  return new ForbiddenPath(`"${path}" is in none of the folders on which jobs may work: ${roots.join(', ')}`)
}
