import { readCommandLine, UsageError } from '@streamdb/example-shared/server'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { examples } from './examples.mjs'

/**
 * The options of the command line.
 * @typedef {object} Options
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the streams of all examples.
 * @property {string | undefined} repo The repository whose history is shown.
 * @property {readonly string[]} run The examples that are started at once; the others when they are opened.
 */

const here = fileURLToPath(new URL('..', import.meta.url))

/**
 * Reads the command line; throws a `UsageError` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const known = /** @type {const} */ ({ port: 'NUMBER', data: 'PATH', repo: 'PATH', run: 'NAMES' })
  const { port, data = join(here, '.data'), repo, run = 'chat' } = readCommandLine(known, argv, folder)
  const ids = examples.map(({ id }) => id)
  const names = run.split(',').filter((name) => name !== 'none' && name !== '')
  const unknown = names.find((name) => !ids.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`--run expected ${ids.join(', ')} or none but received "${unknown}"`)
  return { port: port === undefined ? undefined : Number(port), data, repo, run: names }
}
