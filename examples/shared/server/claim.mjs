import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './refusal.mjs'

/**
 * Throws a `Refusal` when another process keeps the streams in `folder`: two writers would spoil them.
 *
 * Its address is asked, not its process: a process id lives on as another's, an address answers or does not.
 * @param {string} folder
 * @param {object} other
 * @param {string} other.document The path at which the other describes itself.
 * @param {string} other.name What it must call itself there.
 * @param {string} other.is What it is to a person.
 */
export async function seeThatItIsFree(folder, { document, name, is }) {
  const url = await readFile(file(folder), 'utf8').catch(() => undefined)
  if (url === undefined) return
  const found = await fetch(url + document, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.json())
    .catch(() => undefined) // No answer, or another program's: nobody keeps the streams.
  if (found?.name !== name) return
  throw new Refusal(`${is} already: ${url}\nOpen that, or stop it first.`)
}

/**
 * Says at which address the streams in `folder` are kept.
 * @param {string} folder
 * @param {string} url
 */
export async function claim(folder, url) {
  await writeFile(file(folder), url)
}

/** @param {string} folder */
export async function release(folder) {
  await rm(file(folder), { force: true })
}

/** @param {string} folder */
function file(folder) {
  return join(folder, 'address')
}
