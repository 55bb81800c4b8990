import { lstat, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Folders that a job leaves out unless it is to walk everything: dependencies, git's own, what examples keep. */
const leftOut = new Set(['node_modules', '.git', '.data', 'dist'])

/** A file below the folder of a job. */
export interface WalkedFile {
  readonly path: string
  /** From the folder of the job, with slashes. */
  readonly name: string
  readonly bytes: number
}

/**
 * Returns the files of a tree, by name; of a file, itself. Symbolic links are not followed: they may lead out of the
 * allowed folders.
 */
export async function walk(path: string, everything: boolean, signal: AbortSignal): Promise<WalkedFile[]> {
  const top = await lstat(path)
  if (!top.isDirectory()) return [{ path, name: path.split(/[\\/]/).at(-1) ?? path, bytes: top.size }]
  const files: WalkedFile[] = []
  const folders = [path]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted()
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const each = join(folder, entry.name)
      if (entry.isDirectory() && (everything || !leftOut.has(entry.name))) folders.push(each)
      if (!entry.isFile()) continue
      const { size } = await lstat(each)
      files.push({ path: each, name: relative(path, each).replaceAll('\\', '/'), bytes: size })
    }
  }
  return files.sort((one, other) => (one.name < other.name ? -1 : 1))
}
