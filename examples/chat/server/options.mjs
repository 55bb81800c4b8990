import { readCommandLine, UsageError } from '@streamdb/example-shared/server'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The options of the command line.
 * @typedef {object} Options
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the rooms, and the logs of the history.
 * @property {string | undefined} repo The repository whose history is shown beside the chat.
 * @property {readonly string[]} beside The examples that run beside it.
 */

/** What can run beside the chat. */
const examples = ['history', 'agents']

const here = fileURLToPath(new URL('..', import.meta.url))

/**
 * Reads the command line; throws a `UsageError` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const known = /** @type {const} */ ({ port: 'NUMBER', data: 'PATH', repo: 'PATH', beside: 'NAMES' })
  const {
    port,
    data = join(here, '.data'),
    repo,
    beside = examples.join(','),
  } = readCommandLine(known, argv, folder)
  const names = beside.split(',').filter((name) => name !== 'none')
  const unknown = names.find((name) => !examples.includes(name))
  if (unknown !== undefined) {
    throw new UsageError(`--beside expected ${examples.join(', ')} or none but received "${unknown}"`)
  }
  return { port: port === undefined ? undefined : Number(port), data, repo, beside: names }
}
