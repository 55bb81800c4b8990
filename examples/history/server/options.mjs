import { readCommandLine } from '@streamdb/example-shared/server'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The options of the command line.
 * @typedef {object} Options
 * @property {string} repo The folder whose history is shown.
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the logs, in one subfolder per repository.
 * @property {string | undefined} home The address of the page that lists all examples.
 */

const here = fileURLToPath(new URL('..', import.meta.url))

/**
 * Reads the command line; throws a `UsageError` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const known = /** @type {const} */ ({ repo: 'PATH', port: 'NUMBER', data: 'PATH', home: 'URL' })
  const { repo = here, port, data = join(here, '.data'), home } = readCommandLine(known, argv, folder)
  return { repo, port: port === undefined ? undefined : Number(port), data, home }
}
