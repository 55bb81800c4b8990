import { isPort, Refusal } from '@streamdb/example-shared/server'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * What the command line asks for.
 * @typedef {object} Options
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the rooms, and what the history knows.
 * @property {string | undefined} repo The repository whose history is shown beside the chat.
 */

const here = fileURLToPath(new URL('..', import.meta.url))

/**
 * Reads the command line; throws a `Refusal` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const { port, data, repo } = parse(argv)
  if (port !== undefined && !isPort(port)) {
    throw new Refusal(`--port expected a number from 0 to 65535 but received "${port}"\n${usage}`)
  }
  return {
    port: port === undefined ? undefined : Number(port),
    data: data === undefined ? resolve(here, '.data') : resolve(folder, data),
    repo: repo === undefined ? undefined : resolve(folder, repo),
  }
}

/** @param {readonly string[]} argv */
function parse(argv) {
  try {
    const string = /** @type {const} */ ({ type: 'string' })
    return parseArgs({ args: [...argv], options: { port: string, data: string, repo: string } }).values
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

const usage = 'Usage: npm start -- [--port NUMBER] [--data PATH] [--repo PATH]'
