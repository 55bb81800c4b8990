import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './refusal.mjs'

/**
 * Throws a `Refusal` when another process keeps the log in `folder`: two writers would spoil it.
 *
 * Its address is asked, not its process: a process id lives on as another's, an address answers or does not.
 * @param {string} folder
 * @param {string} name What the other must call itself.
 */
export async function seeThatItIsFree(folder, name) {
  const url = await readFile(file(folder), 'utf8').catch(() => undefined)
  if (url === undefined) return
  const other = await fetch(`${url}/history.json`, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.json())
    .catch(() => undefined) // No answer, or another program's: nobody keeps the log.
  if (other?.name !== name) return
  throw new Refusal(`The history of this repository is shown already: ${url}\nOpen that, or stop it first.`)
}

/**
 * Says at which address the log in `folder` is kept.
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
