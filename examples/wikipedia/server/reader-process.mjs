import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** @typedef {{ readonly origin: 'live' } | { readonly origin: 'replay' | 'synthetic', readonly speed: number }} Mode */

/**
 * @typedef {object} ReaderProcessOptions
 * @property {string} program The program's file.
 * @property {string} socketPath Where the stream server listens.
 * @property {string} file Keeps the names of the streams.
 * @property {string} url
 * @property {string | undefined} recording
 * @property {number} keep
 * @property {number} maxBytes
 */

/** The process that reads changes and writes them into the stream. One that ends is started again: all it knows is there. */
export class ReaderProcess {
  #options
  #mode
  #isStopping = false
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child

  /**
   * @param {ReaderProcessOptions} options
   * @param {Mode} mode
   */
  constructor(options, mode) {
    this.#options = options
    this.#mode = mode
  }

  /** Starts it; resolves when it reads. */
  async start() {
    const { program, ...order } = this.#options
    // The IPC channel tells the child when this process ends, however it ends.
    const child = spawn(process.execPath, [program, JSON.stringify({ ...order, mode: this.#mode })], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-2_000)))
    const ready = new Promise((resolve) => {
      child.on('message', (/** @type {{ type: string, text?: string }} */ message) => {
        if (message.type === 'say') process.stderr.write(`${message.text}\n`)
        else resolve(undefined)
      })
    })
    const closed = once(child, 'close').then(([code]) => {
      this.#child = undefined
      if (this.#isStopping) return
      if (code !== null) process.stderr.write(`The reader ended with ${code}: ${stderr}\n`)
      setTimeout(() => void this.start(), 1_000)
    })
    await Promise.race([ready, closed])
  }

  /**
   * Reads from another source.
   * @param {Mode} mode
   */
  read(mode) {
    this.#mode = mode
    this.#child?.send(mode)
  }

  async stop() {
    this.#isStopping = true
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
}
