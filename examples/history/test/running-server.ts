import { RunningProgram } from '@streamdb/example-shared/testing'
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** Runs `server.mjs`, as `npm start` does, and ends it with the test. */
export class RunningServer extends RunningProgram {
  constructor(options: readonly string[], env?: NodeJS.ProcessEnv) {
    super(program, options, { env })
  }

  /** Starts a server on `port`, or on any that is free, and returns when it has printed its address. */
  static async start(
    repo: string,
    data: string,
    port = '0',
    env?: NodeJS.ProcessEnv,
  ): Promise<RunningServer & { readonly url: string }> {
    const server = new RunningServer(['--repo', repo, '--data', data, '--port', port], env)
    return Object.assign(server, { url: await server.printedUrl('StreamDB history') })
  }
}

/** Returns the address of the stream that the server at `url` keeps. */
export async function streamOf(url: string): Promise<string> {
  const response = await fetch(`${url}/history.json`)
  // The page checks it.
  const { stream } = (await response.json()) as { readonly stream: string }
  return url + stream
}

/** Returns the events of the stream of the server at `url`, as every reader gets them. */
export async function eventsOf(url: string): Promise<StateEvent[]> {
  const response = await fetch(`${await streamOf(url)}?offset=-1`)
  // The tests of the generator decode them.
  return (await response.json()) as StateEvent[]
}

/** Returns the ids of the commits in that stream, oldest first. */
export async function commitsOf(url: string): Promise<string[]> {
  const state = new MaterializedState()
  state.applyBatch(await eventsOf(url))
  return [...state.getType('commit').keys()]
}
