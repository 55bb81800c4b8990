import { readCommandLine, UsageError } from '@streamdb/example-shared/server'
import { statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workerIds } from './worker-ids.mjs'

/**
 * The options of the command line.
 * @typedef {object} Options
 * @property {readonly string[]} roots The folders below which jobs may work.
 * @property {number | undefined} port Undefined: the usual port, or any free one when that is taken.
 * @property {string} data The folder that keeps the stream, and what jobs write.
 * @property {number} workers How many workers run at the start.
 * @property {number} pace Milliseconds to wait between two files of a job.
 * @property {number} lease Milliseconds after which a silent worker has lost its job.
 * @property {string | undefined} home The address of the page that lists all examples.
 */

const here = fileURLToPath(new URL('..', import.meta.url))
const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

/**
 * Reads the command line; throws a `UsageError` that shows the usage when it cannot.
 * @param {readonly string[]} argv
 * @param {string} folder Where relative paths begin.
 * @returns {Options}
 */
export function readOptions(argv, folder) {
  const known = /** @type {const} */ ({
    roots: 'PATHS',
    workers: 'NUMBER',
    pace: 'NUMBER',
    lease: 'NUMBER',
    port: 'NUMBER',
    data: 'PATH',
    home: 'URL',
  })
  const { roots, port, data, workers, pace, lease, home } = readCommandLine(known, argv, folder)
  const count = Number(workers ?? 3)
  if (count > workerIds.length) {
    throw new UsageError(`--workers expected a number up to ${workerIds.length} but received ${count}`)
  }
  for (const root of roots?.split(delimiter) ?? []) {
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new UsageError(`--roots expected folders but ${root} is none`)
    }
  }
  return {
    ...{
      roots: roots?.split(delimiter) ?? [repository],
      port: port === undefined ? undefined : Number(port),
    },
    ...{ data: data ?? join(here, '.data'), workers: count, pace: Number(pace ?? 0) },
    // Shorter, and a busy machine would take jobs from workers that are well.
    lease: Math.max(200, Number(lease ?? 4_000)),
    home,
  }
}
