import { RunningProgram, scratchFolder } from '@streamdb/example-shared/testing'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** A server that has printed its address, and the folder that keeps its sessions. */
export type StartedServer = AgentsServer & { readonly url: string; readonly data: string }

/** Runs `server.mjs` with both agents, and ends it with the test. */
export class AgentsServer extends RunningProgram {
  /** Starts a server whose agents write this fast, and returns when it has printed its address. */
  static async start({ tokensPerSecond = 80 } = {}): Promise<StartedServer> {
    const data = scratchFolder()
    const env = { ...process.env, AGENTS_TOKENS_PER_SECOND: String(tokensPerSecond) }
    const server = new AgentsServer(program, ['--data', data, '--port', '0'], env)
    return Object.assign(server, { url: await server.printedUrl('StreamDB agents'), data })
  }
}
