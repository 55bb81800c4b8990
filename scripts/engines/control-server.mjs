// @ts-check
import { once } from 'node:events'
import { createServer } from 'node:http'

/**
 * Serves `POST /restart`, `/kill`, `/stop` and `/start` of an engine on loopback, for tests in other processes: one command
 * at a time.
 * @param {import('./start-engine.mjs').Engine} engine
 */
export async function startControlServer(engine) {
  /** @type {Readonly<Record<string, () => Promise<void>>>} */
  const commands = {
    '/restart': engine.restart,
    '/kill': engine.kill,
    '/stop': engine.kill,
    '/start': engine.start,
  }
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  const server = createServer((request, response) => {
    const command = request.method === 'POST' ? commands[request.url ?? ''] : undefined
    request.resume()
    if (command === undefined) {
      response.writeHead(404).end(`Expected POST ${Object.keys(commands).join(', ')}`)
      return
    }
    last = last.then(command).then(
      () => response.writeHead(204).end(),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The control server has no port')
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() }
}
