import { RunningProgram, scratchFolder } from '@streamdb/example-shared/testing'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** What the server says of itself. */
export interface Description {
  readonly stream: string
  readonly roots: readonly string[]
}

/** Runs `server.mjs` as `npm start` does, and ends it with the test. */
export class JobsServer extends RunningProgram {
  url = ''
  description: Description = { stream: '', roots: [] }

  /** Starts a server, and returns when it has printed its address. */
  static async start(...options: readonly string[]): Promise<JobsServer> {
    const server = new JobsServer(program, ['--port', '0', '--data', scratchFolder(), ...options])
    server.url = await server.printedUrl('StreamDB jobs')
    // The page checks it.
    server.description = (await (await fetch(`${server.url}/jobs.json`)).json()) as Description
    return server
  }

  /** Starts, kills, freezes or thaws the process of a worker. */
  async command(worker: string, verb: 'start' | 'kill' | 'freeze' | 'thaw'): Promise<void> {
    const { status } = await fetch(`${this.url}/workers/${worker}/${verb}`, { method: 'POST' })
    if (status !== 200) throw new Error(`${verb} ${worker} was answered ${status}`)
  }
}
