import { isPort, Refusal } from '@streamdb/example-shared/server'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * What the command line asks for.
 * @typedef {object} Options
 * @property {string} repo The folder whose history is shown.
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the logs, one subfolder a repository.
 */

const here = fileURLToPath(new URL('..', import.meta.url))

/**
 * Reads the command line; throws a `Refusal` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const { repo, port, data } = parse(argv)
  return {
    repo: repo === undefined ? here : isAbsolute(repo) ? repo : resolve(folder, repo),
    port: port === undefined ? undefined : readPort(port),
    data: data === undefined ? resolve(here, '.data') : resolve(folder, data),
  }
}

/** @param {readonly string[]} argv */
function parse(argv) {
  try {
    const string = /** @type {const} */ ({ type: 'string' })
    return parseArgs({ args: [...argv], options: { repo: string, port: string, data: string } }).values
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

/** @param {string} text */
function readPort(text) {
  if (!isPort(text)) {
    throw new Refusal(`--port expected a number from 0 to 65535 but received "${text}"\n${usage}`)
  }
  return Number(text)
}

const usage = 'Usage: npm start -- [--repo PATH] [--port NUMBER] [--data PATH]'
