import { connectStreamServer, startStreamServer } from '@streamdb/example-shared/server'
import { join } from 'node:path'

/**
 * Starts the server of the rooms, or connects to one.
 * @param {Pick<import('./options.mjs').Options, 'server' | 'engine'>} options
 * @param {string} folder Keeps the rooms, where the server is one of our own.
 * @returns {Promise<import('@streamdb/example-shared/server').StreamServer>}
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
