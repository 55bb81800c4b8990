import { RunningProgram, scratchFolder } from '@streamdb/example-shared/testing'
import { streamServerOption } from '@streamdb/testkit'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** The options of a server. */
export interface ServerOptions {
  readonly data?: string
  readonly port?: string
  /** Of the stream server: a process of its own. */
  readonly engine?: string
  readonly env?: NodeJS.ProcessEnv
}

/** A server that has printed its address, and the folder that keeps its rooms. */
export type StartedServer = ChatServer & { readonly url: string; readonly data: string }

/** Runs `server.mjs`, as the start page does, and ends it with the test. */
export class ChatServer extends RunningProgram {
  constructor(options: readonly string[], env?: NodeJS.ProcessEnv) {
    super(program, options, { env })
  }

  /** Starts a server and returns when it has printed its address. */
  static async start(options: ServerOptions = {}): Promise<StartedServer> {
    const { data = scratchFolder(), port = '0', engine, env } = options
    const where = engine === undefined ? await streamServerOption(data) : ['--engine', engine]
    const server = new ChatServer(['--data', data, '--port', port, ...where], env)
    return Object.assign(server, { url: await server.printedUrl('StreamDB chat'), data })
  }
}
