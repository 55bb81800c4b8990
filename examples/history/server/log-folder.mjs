import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The shape of the events. Another number is another folder: a log of another shape is never read. */
const format = 1

/**
 * Makes the folder in `data` that keeps the log of the repository at `gitDir`.
 * @param {string} data
 * @param {string} gitDir
 */
export async function logFolder(data, gitDir) {
  const name = createHash('sha256').update(`${format}\n${gitDir}`).digest('hex').slice(0, 16)
  const path = join(data, name)
  await mkdir(path, { recursive: true })
  return { name, path }
}
