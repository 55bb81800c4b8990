import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../server.mjs', import.meta.url))

/** What a server that ended printed, and how it ended. */
export interface Ending {
  readonly code: number | null
  readonly output: string
  readonly complaint: string
}

/** Runs `server.mjs`, as `npm start` does, and ends it with the test. */
export class RunningServer {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  #output = ''
  #complaint = ''

  constructor(options: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(process.execPath, [program, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#complaint += text))
    this.ended = once(this.#child, 'close').then(([code]: unknown[]) => ({
      code: typeof code === 'number' ? code : null,
      output: this.#output,
      complaint: this.#complaint,
    }))
    onTestFinished(() => this.kill())
  }

  /** Starts a server on `port`, or on any that is free, and returns when it has printed its address. */
  static async start(
    repo: string,
    data: string,
    port = '0',
  ): Promise<RunningServer & { readonly url: string }> {
    const server = new RunningServer(['--repo', repo, '--data', data, '--port', port])
    return Object.assign(server, { url: await server.#printedUrl() })
  }

  /** Asks the server to stop as Ctrl-C does, and returns how it ended. */
  async stop(): Promise<Ending> {
    this.#child.kill('SIGINT')
    return this.ended
  }

  /** Ends the server without asking. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  async #printedUrl(): Promise<string> {
    for (;;) {
      const url = /^StreamDB history: (\S+)$/m.exec(this.#output)?.[1]
      if (url !== undefined) return url
      const ending = await Promise.race([this.ended, once(this.#child.stdout ?? this.#child, 'data')])
      if (!Array.isArray(ending)) throw new Error(`The server ended: ${ending.complaint}`)
    }
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
