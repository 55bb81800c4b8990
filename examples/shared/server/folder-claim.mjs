import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from './usage-error.mjs'

/**
 * How a running example describes itself.
 * @typedef {object} Identity
 * @property {string} document The path of the JSON document that describes it.
 * @property {string} name The `name` in that document.
 * @property {string} description What it is, as the beginning of a sentence: "This chat is open".
 */

/**
 * Throws a `UsageError` when another process has the streams in `folder` open: two writers would corrupt them.
 *
 * Asks the other's address, not for its process: the id of a process that ended may belong to another one by now.
 * @param {string} folder
 * @param {Identity} identity
 */
export async function assertFolderIsFree(folder, { document, name, description }) {
  const url = await readFile(addressFile(folder), 'utf8').catch(() => undefined)
  if (url === undefined) return
  const found = await fetch(url + document, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.json())
    .catch(() => undefined) // No answer, or no JSON: another program has the port, or none.
  if (found?.name !== name) return
  throw new UsageError(`${description} already: ${url}\nOpen that address, or stop that program first.`)
}

/**
 * Records the address of the program that has the streams in `folder` open.
 * @param {string} folder
 * @param {string} url
 */
export async function claimFolder(folder, url) {
  await writeFile(addressFile(folder), url)
}

/** @param {string} folder */
export async function releaseFolder(folder) {
  await rm(addressFile(folder), { force: true })
}

/** @param {string} folder */
function addressFile(folder) {
  return join(folder, 'address')
}
