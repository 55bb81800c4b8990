import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Refusal } from './refusal.mjs'

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

/**
 * Returns the folder in which the user typed the command: npm changes to the package's own before it runs a script.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cwd
 */
export function typedIn(env, cwd) {
  return env['npm_lifecycle_event'] === 'start' && env['INIT_CWD'] !== undefined ? env['INIT_CWD'] : cwd
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
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new Refusal(`--port expected a number from 0 to 65535 but received "${text}"\n${usage}`)
  }
  return port
}

const usage = 'Usage: npm start -- [--repo PATH] [--port NUMBER] [--data PATH]'
