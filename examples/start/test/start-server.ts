import { RunningProgram, scratchFolder } from '@streamdb/example-shared/testing'
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** The options of a server. */
export interface StartOptions {
  readonly repo?: string
  /** The examples that are started at once. */
  readonly run?: string
}

/** Runs `server.mjs`, as `npm start` does, and ends it with the test. */
export class StartServer extends RunningProgram {
  /** Starts a server, and returns when it has printed its address. */
  static async start({ repo, run = 'none' }: StartOptions = {}): Promise<
    StartServer & { readonly url: string }
  > {
    const options = ['--port', '0', '--data', scratchFolder(), '--run', run]
    const server = new StartServer(program, repo === undefined ? options : [...options, '--repo', repo])
    return Object.assign(server, { url: await server.printedUrl('StreamDB examples') })
  }
}

/** Returns the row of an example, as the page of the server at `url` reads it. */
export async function rowOf(url: string, id: string): Promise<unknown> {
  const response = await fetch(`${url}/stream/examples?offset=-1`)
  const state = new MaterializedState()
  // Written by the server alone.
  state.applyBatch((await response.json()) as StateEvent[])
  return state.get('example', id)
}
