import { DurableStreamTestServer } from '@durable-streams/server'
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The shape of the events. Another number is another folder: a log of another shape is never read. */
const format = 1

/**
 * Makes the folder in `data` that keeps the log of the repository at `gitDir`.
 * @param {string} data
 * @param {string} gitDir
 */
export async function logFolder(data, gitDir) {
  const name = createHash('sha256').update(`${format}\n${gitDir}`).digest('hex').slice(0, 16)
  const path = join(data, name)
  await mkdir(path, { recursive: true })
  return { name, path }
}

/**
 * Starts the embedded stream server on `dataDir`.
 *
 * It speaks to the console and has no option against it: of its recovery when it starts, and, when it stops, of every
 * reader that wakes up in a store just closed. Neither is news.
 * @param {string} dataDir
 */
export async function startStreamServer(dataDir) {
  // Its readers are on this machine: compressing would cost more than it saves.
  const server = await quietly(
    'info',
    () => new DurableStreamTestServer({ port: 0, dataDir, compression: false }),
  )
  await quietly('info', () => server.start())
  return {
    url: server.url,
    /** Waits for requests under way: end them first. Some waits outlive it by half a minute, so exit afterwards. */
    stop: () => quietly('error', () => server.stop()),
  }
}

/**
 * @template Result
 * @param {'info' | 'error'} level
 * @param {() => Result | Promise<Result>} work
 */
async function quietly(level, work) {
  const original = console[level]
  console[level] = () => {}
  try {
    return await work()
  } finally {
    console[level] = original
  }
}
