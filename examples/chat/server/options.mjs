import { readCommandLine, UsageError } from '@streamdb/example-shared/server'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The options of the command line.
 * @typedef {object} Options
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the rooms.
 * @property {string | undefined} server The stream server to use, as `openStreams` has it.
 * @property {string | undefined} engine The stream server to start, as `openStreams` has it.
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
  const known = /** @type {const} */ ({
    port: 'NUMBER',
    data: 'PATH',
    home: 'URL',
    server: 'URL',
    engine: 'NAME',
  })
  const { port, data = join(here, '.data'), ...others } = readCommandLine(known, argv, folder)
  const { home, server, engine } = others
  if (server !== undefined && engine !== undefined)
    throw new UsageError('--server is a stream server that runs, --engine one to start: give one of them')
  return { port: port === undefined ? undefined : Number(port), data, home, server, engine }
}
