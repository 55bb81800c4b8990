import { join } from 'node:path'
import { readCommandLine } from './command-line.mjs'
import { UsageError } from './usage-error.mjs'

/**
 * The options of an example that keeps streams, on a server that may be chosen.
 * @typedef {object} Options
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the streams: `.data` of the example unless told.
 * @property {string | undefined} server The stream server to use, as `openStreams` has it.
 * @property {string | undefined} engine The stream server to start, as `openStreams` has it.
 * @property {string | undefined} home The address of the page that lists all examples.
 */

/**
 * Reads the command line; throws a `UsageError` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @param {string} root The folder of the example.
 * @returns {Options}
 */
export function readStreamOptions(argv, folder, root) {
  const known = /** @type {const} */ ({
    port: 'NUMBER',
    data: 'PATH',
    home: 'URL',
    server: 'URL',
    engine: 'NAME',
  })
  const { port, data = join(root, '.data'), ...others } = readCommandLine(known, argv, folder)
  const { home, server, engine } = others
  if (server !== undefined && engine !== undefined)
    throw new UsageError('--server is a stream server that runs, --engine one to start: give one of them')
  return { port: port === undefined ? undefined : Number(port), data, home, server, engine }
}
