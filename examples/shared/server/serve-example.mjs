import { mkdir } from 'node:fs/promises'
import { assertFolderIsFree, claimFolder, releaseFolder } from './folder-claim.mjs'
import { startPageServer } from './page-server.mjs'
import { startStreamServer } from './stream-server.mjs'

/**
 * An example: a page, the streams behind it, and what runs beside them.
 * @typedef {object} Example
 * @property {string} label What is printed before its address.
 * @property {string} root The page's folder.
 * @property {number | undefined} port Undefined: `usualPort`, or any free one when that is taken.
 * @property {number} usualPort
 * @property {string} folder Keeps the example's data; one process at a time.
 * @property {string} streamsFolder Keeps the streams: `folder`, or a folder in it.
 * @property {(folder: string) => Promise<import('./stream-server.mjs').StreamServer>} [openStreams] Starts the server of the
 *   streams, or connects to one: the embedded one on `streamsFolder` unless told.
 * @property {import('./folder-claim.mjs').Identity} identity
 * @property {readonly import('./stream-rules.mjs').StreamRule[]} rules What pages may do with the streams.
 * @property {Readonly<Record<string, () => Promise<object>>>} documents JSON documents by path.
 * @property {Readonly<Record<string, () => Promise<object>>>} [commands] What a page may ask for by a POST, by path.
 * @property {Readonly<Record<string, import('./page-server.mjs').Answer>>} [others] What answers other requests, by the
 *   beginning of their path.
 * @property {(streams: import('./stream-server.mjs').StreamServer) => Promise<void>} prepare Runs before the page is
 *   served.
 * @property {(url: string) => Promise<void>} run Runs while the page is served; the servers stop when it ends.
 */

/**
 * Serves an example, and prints its address; rejects when its folder or port is taken.
 * @param {Example} example
 */
export async function serveExample(example) {
  const { label, folder, streamsFolder, identity, prepare, run, ...page } = example
  const { openStreams = startStreamServer } = example
  await mkdir(streamsFolder, { recursive: true })
  await assertFolderIsFree(folder, identity)
  const streams = await openStreams(streamsFolder)
  try {
    await prepare(streams)
    const server = await startPageServer({ ...page, streams })
    try {
      await claimFolder(folder, server.url)
      process.stdout.write(`${label}: ${server.url}\n`)
      await run(server.url)
    } finally {
      server.stop()
    }
  } finally {
    await streams.stop()
    await releaseFolder(folder)
  }
}
