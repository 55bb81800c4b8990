import { RunningProgram, scratchFolder, untilTestEnds } from '@streamdb/example-shared/testing'
import type { Lifetime } from '@streamdb/example-shared/testing'
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
  readonly lifetime?: Lifetime
}

/** A server that has printed its address, and the folder that keeps its rooms. */
export type StartedServer = ChatServer & { readonly url: string; readonly data: string }

/** Runs `server.mjs`, as the start page does, and ends it with the test, or as `lifetime` says. */
export class ChatServer extends RunningProgram {
  constructor(options: readonly string[], env?: NodeJS.ProcessEnv, lifetime?: Lifetime) {
    super(program, options, { env, lifetime })
  }

  /** Starts a server and returns when it has printed its address. */
  static async start(options: ServerOptions = {}): Promise<StartedServer> {
    const { lifetime = untilTestEnds, data = scratchFolder(lifetime), port = '0', engine, env } = options
    const where = engine === undefined ? await streamServerOption(data, lifetime) : ['--engine', engine]
    const server = new ChatServer(['--data', data, '--port', port, ...where], env, lifetime)
    return Object.assign(server, { url: await server.printedUrl('StreamDB chat'), data })
  }
}
