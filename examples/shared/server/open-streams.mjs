import { join } from 'node:path'
import { connectStreamServer } from './remote-stream-server.mjs'
import { startStreamServer } from './stream-server.mjs'

/**
 * Which stream server an example uses.
 * @typedef {object} Where
 * @property {string | undefined} server The URL of one that runs; undefined: one of its own.
 * @property {string | undefined} engine The one to start: `node`, `ds`, `ursula` or `ursula-cluster`, which
 *   `npm run engines:install` installs (docs/servers.md). Undefined: the embedded one.
 */

/**
 * Starts the stream server of an example, or connects to one.
 * @param {Where} where
 * @param {string} folder Keeps the streams, where the server is one of our own.
 * @returns {Promise<import('./stream-server.mjs').StreamServer>}
 */
export async function openStreams({ server, engine }, folder) {
  if (server !== undefined) return connectStreamServer(server)
  if (engine === undefined) return startStreamServer(folder)
  const { startEngine } = await import('../../../scripts/engines/start-engine.mjs')
  // It refuses a name that it does not know.
  const name = /** @type {import('../../../scripts/engines/start-engine.mjs').EngineName} */ (engine)
  const running = await startEngine(name, { dataDir: join(folder, engine) })
  try {
    const streams = await connectStreamServer(new URL('.', running.streamUrl('x')).href)
    const stop = async () => {
      await streams.stop()
      await running.stop()
    }
    return { ...streams, stop }
  } catch (error) {
    await running.stop()
    throw error
  }
}
