import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { workerIds } from './worker-ids.mjs'

/**
 * How the processes work.
 * @typedef {object} PoolOptions
 * @property {string} program The program's file.
 * @property {string} stream The path of the stream.
 * @property {readonly string[]} roots
 * @property {string} output
 * @property {number} pace
 * @property {number} lease
 * @property {number} keep
 */

/** @typedef {import('node:child_process').ChildProcess} Child */

/** The workers' processes, and the keeper's: starts them, kills them without asking, freezes them. */
export class Pool {
  #streams
  #options
  /** @type {Map<string, Child>} */
  #children = new Map()
  /** @type {Set<string>} */
  #frozen = new Set()
  #isStopping = false

  /**
   * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch' | 'socketPath'>} streams
   * @param {PoolOptions} options
   */
  constructor(streams, options) {
    this.#streams = streams
    this.#options = options
  }

  /**
   * Starts the keeper and `count` workers. The rows of workers of an earlier run say that they have stopped.
   * @param {number} count
   */
  async open(count) {
    for (const id of workerIds) await this.#tell(id, 0, 'stopped')
    this.#keep()
    for (const id of workerIds.slice(0, count)) await this.start(id)
  }

  /**
   * Starts a worker, unless it runs.
   * @param {string} id
   */
  async start(id) {
    if (this.#children.has(id) || this.#isStopping) return
    const child = this.#spawn('worker', id)
    await this.#tell(id, child.pid, 'starting')
    child.once('close', (code, signal) => {
      this.#frozen.delete(id)
      void this.#tell(
        id,
        child.pid,
        'stopped',
        signal === null ? `It ended with ${code}` : `Ended by ${signal}`,
      )
    })
  }

  /**
   * Kills a worker: it has no time to say anything.
   * @param {string} id
   */
  async kill(id) {
    const child = this.#children.get(id)
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  /**
   * Freezes a worker in the middle of whatever it does: it will think that no time has passed.
   * @param {string} id
   */
  async freeze(id) {
    const child = this.#children.get(id)
    if (child === undefined || this.#frozen.has(id)) return
    child.kill('SIGSTOP')
    this.#frozen.add(id)
    await this.#tell(id, child.pid, 'frozen', 'Stopped by SIGSTOP')
  }

  /**
   * Lets a frozen worker go on.
   * @param {string} id
   */
  async thaw(id) {
    const child = this.#children.get(id)
    if (child === undefined || !this.#frozen.delete(id)) return
    await this.#tell(id, child.pid, 'starting', 'Continued by SIGCONT')
    child.kill('SIGCONT')
  }

  /** Ends all of them. */
  async stop() {
    this.#isStopping = true
    await Promise.all([...this.#children.keys()].map(async (id) => this.kill(id)))
  }

  #keep() {
    const child = this.#spawn('keeper', 'keeper')
    child.once('close', () => {
      // Nothing is lost with it: all that it knows is in the stream.
      if (!this.#isStopping) setTimeout(() => this.#keep(), 1_000)
    })
  }

  /**
   * @param {'worker' | 'keeper'} role
   * @param {string} id
   */
  #spawn(role, id) {
    const { program, ...options } = this.#options
    const order = { role, id, socketPath: this.#streams.socketPath, ...options }
    // The IPC channel tells the child when this process ends, however it ends.
    const child = spawn(process.execPath, [program, JSON.stringify(order)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#children.set(id, child)
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-2_000)))
    child.once('error', (error) => (stderr = String(error)))
    child.once('close', (code) => {
      this.#children.delete(id)
      if (code !== null && code !== 0 && !this.#isStopping)
        process.stderr.write(`${id} ended with ${code}: ${stderr}\n`)
    })
    return child
  }

  /**
   * @param {string} id
   * @param {number | undefined} pid
   * @param {'starting' | 'frozen' | 'stopped'} state
   * @param {string} [note]
   */
  async #tell(id, pid = 0, state, note) {
    if (this.#isStopping) return
    const value = { id, pid, state, beatAt: Date.now(), done: 0, ...(note !== undefined && { note }) }
    await this.#streams.fetch({
      ...{ method: 'POST', path: this.#options.stream, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify([{ type: 'worker', key: id, value, headers: { operation: 'upsert' } }]),
    })
  }
}

/**
 * Copies the rows of a stream into another one, in a process of its own.
 * @param {string} program
 * @param {{ readonly socketPath: string, readonly from: string, readonly to: string }} order
 */
export async function copyRows(program, order) {
  const child = spawn(process.execPath, [program, JSON.stringify({ role: 'copy', ...order })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`Copying the rows of the stream ended with ${code}`)
}
