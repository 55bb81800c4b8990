import { RunningProgram, scratchFolder } from '@streamdb/example-shared/testing'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** What a server is started with; without a repository there is no history beside it, which would only take time. */
export interface ServerOptions {
  readonly data?: string
  readonly port?: string
  readonly repo?: string
}

/** Runs `server.mjs`, as `npm start` does, and ends it with the test. */
export class ChatServer extends RunningProgram {
  constructor(options: readonly string[]) {
    super(program, options)
  }

  /** Starts a server and returns when it has printed its address. */
  static async start(options: ServerOptions = {}): Promise<ChatServer & { readonly url: string }> {
    const { data = scratchFolder(), port = '0', repo = data } = options
    const server = new ChatServer(['--data', data, '--port', port, '--repo', repo])
    return Object.assign(server, { url: await server.printedUrl('StreamDB chat') })
  }
}
