import { RunningProgram, scratchFolder } from '@streamdb/example-shared/testing'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** Runs `server.mjs` as `npm start` does, and ends it with the test. */
export class WikipediaServer extends RunningProgram {
  url = ''

  /** Starts a server, and returns when it has printed its address. */
  static async start(...options: readonly string[]): Promise<WikipediaServer> {
    const server = new WikipediaServer(program, ['--port', '0', '--data', scratchFolder(), ...options])
    server.url = await server.printedUrl('StreamDB wikipedia')
    return server
  }
}
