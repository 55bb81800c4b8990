import { createHash, randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'

/**
 * Returns what `build` makes. Where `EXAMPLE_BUILDS` names a folder, it is built by the first program that needs it, and
 * read from there by the others: tests start many servers, and what they serve is the same.
 * @template Built What `structuredClone` copies.
 * @param {string} id
 * @param {() => Promise<Built>} build
 * @returns {Promise<Built>}
 */
export async function buildOnce(id, build) {
  const folder = process.env['EXAMPLE_BUILDS']
  if (folder === undefined || folder === '') return build()
  const path = join(folder, createHash('sha256').update(id).digest('hex'))
  const kept = await readFile(path).catch(() => undefined)
  if (kept !== undefined) return deserialize(kept)
  const built = await build()
  // Under a name of its own first: another program may read at the same time.
  const own = `${path}-${randomUUID()}`
  await writeFile(own, serialize(built))
  await rename(own, path)
  return built
}
