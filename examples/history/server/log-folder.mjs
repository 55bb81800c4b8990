import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The version of the events' shape. Each version has folders of its own, so that no older log is read. */
const format = 2

/**
 * Creates the folder in `data` that keeps the log of the repository at `gitDir`.
 * @param {string} data
 * @param {string} gitDir
 */
export async function logFolder(data, gitDir) {
  const name = createHash('sha256').update(`${format}\n${gitDir}`).digest('hex').slice(0, 16)
  const path = join(data, name)
  await mkdir(path, { recursive: true })
  return { name, path }
}
