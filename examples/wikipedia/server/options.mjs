import { readCommandLine, UsageError } from '@streamdb/example-shared/server'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The options of the command line.
 * @typedef {object} Options
 * @property {string} source The address of the server-sent events.
 * @property {string | undefined} replay A file of recorded events: with it, the replay is what is read first.
 * @property {number} speed Changes a second, of a replay.
 * @property {number} keep How many of the newest changes are kept.
 * @property {number} maxBytes A stream of more bytes is followed by another one.
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the streams.
 * @property {string | undefined} home The address of the page that lists all examples.
 */

const here = fileURLToPath(new URL('..', import.meta.url))
const wikimedia = 'https://stream.wikimedia.org/v2/stream/recentchange'

/**
 * Reads the command line; throws a `UsageError` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const known = /** @type {const} */ ({
    replay: 'PATH',
    speed: 'NUMBER',
    keep: 'NUMBER',
    'max-kib': 'NUMBER',
    source: 'URL',
    port: 'NUMBER',
    data: 'PATH',
    home: 'URL',
  })
  const given = readCommandLine(known, argv, folder)
  const { replay, source, port, data, home } = given
  if (replay !== undefined && statSync(replay, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`--replay expected a file but ${replay} is none`)
  }
  const speed = Number(given.speed ?? 50)
  const keep = Number(given.keep ?? 10_000)
  const kib = Number(given['max-kib'] ?? 32 * 1024)
  const options = { speed, keep, 'max-kib': kib }
  for (const [name, value] of Object.entries(options)) {
    if (value < 1) throw new UsageError(`--${name} expected a number above 0 but received ${value}`)
  }
  return {
    ...{ source: source ?? wikimedia, replay, speed, keep, maxBytes: 1024 * kib },
    ...{ port: port === undefined ? undefined : Number(port), data: data ?? join(here, '.data'), home },
  }
}
