import { DurableStreamTestServer } from '@durable-streams/server'

/**
 * Starts the embedded stream server on `dataDir`.
 *
 * It speaks to the console and has no option against it: of its recovery when it starts, of every slow write, and, when
 * it stops, of every reader that wakes up in a store just closed. None of that is news. What goes wrong between is told.
 * @param {string} dataDir
 */
export async function startStreamServer(dataDir) {
  const { info, error } = console
  console.info = () => {}
  // Its readers are on this machine: compressing would cost more than it saves.
  const server = new DurableStreamTestServer({ port: 0, dataDir, compression: false })
  await server.start()
  return {
    url: server.url,
    /** Waits for requests under way: end them first. Some waits outlive it by half a minute, so exit afterwards. */
    async stop() {
      console.error = () => {}
      await server.stop()
      Object.assign(console, { info, error })
    },
  }
}
