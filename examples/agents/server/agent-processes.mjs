import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { agents } from './agents.mjs'

/** The stream that tells pages how the processes are. */
const path = '/stream/processes'
/** In milliseconds. */
const year = 365 * 24 * 60 * 60_000

/**
 * How an agent's process is. `stopped`: nobody has started it, or it has ended, and `reason` says how.
 * @typedef {'starting' | 'running' | 'stopped'} ProcessState
 */

/** The agents' processes: starts them, kills them without asking, and writes how they are into a stream. */
export class AgentProcesses {
  #streams
  #program
  #base
  #root
  #tokens
  /** @type {Map<string, import('node:child_process').ChildProcess>} */
  #children = new Map()
  #isStopping = false

  /**
   * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
   * @param {object} options
   * @param {string} options.program The program's file.
   * @param {string} options.base The address of the server.
   * @param {string} options.root The folder of the example, whose packages a provider's model is of.
   * @param {import('@streamdb/example-shared/server').Tokens} options.tokens Signs what a process says who it is by.
   */
  constructor(streams, { program, base, root, tokens }) {
    this.#streams = streams
    this.#program = program
    this.#base = base
    this.#root = root
    this.#tokens = tokens
  }

  /**
   * Starts the process of an agent, unless it runs.
   * @param {string} id
   */
  async start(id) {
    if (this.#children.has(id) || this.#isStopping) return
    // The IPC channel tells the child when this process ends, however it ends.
    const child = spawn(process.execPath, [this.#program, id, this.#base], {
      // Of this agent alone, for as long as its process may run: it can write as nobody else.
      env: { ...process.env, AGENTS_ROOT: this.#root, AGENTS_TOKEN: this.#tokens.sign(id, year).token },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#children.set(id, child)
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-2_000)))
    child.once('message', () => void this.#tell(id, 'running', child.pid))
    child.once('error', (error) => (stderr = String(error)))
    child.once('close', (code, signal) => {
      this.#children.delete(id)
      const ended = signal === null ? `It ended with ${code}. ${stderr.trim()}` : `It was ended by ${signal}.`
      void this.#tell(id, 'stopped', child.pid, ended)
    })
    await this.#tell(id, 'starting', child.pid)
  }

  /**
   * Kills the process of an agent: it has no time to say anything.
   * @param {string} id
   */
  async kill(id) {
    const child = this.#children.get(id)
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  /** Ends all of them. */
  async stop() {
    this.#isStopping = true
    await Promise.all(agents.map(({ id }) => this.kill(id)))
  }

  /**
   * @param {string} id
   * @param {ProcessState} state
   * @param {number | undefined} pid
   * @param {string} [reason]
   */
  async #tell(id, state, pid, reason) {
    if (this.#isStopping) return
    const value = { id, state, pid, ...(reason !== undefined && { reason }) }
    await this.#streams.fetch({
      ...{ method: 'POST', path, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify([{ type: 'process', key: id, value, headers: { operation: 'upsert' } }]),
    })
  }
}
