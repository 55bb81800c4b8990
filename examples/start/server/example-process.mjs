import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * The state of an example.
 * @typedef {{ readonly name: 'off' } | { readonly name: 'starting' } | { readonly name: 'open', readonly url: string } | { readonly name: 'failed', readonly error: string }} ExampleState
 */

/** An example, run as a process for as long as this one runs. */
export class ExampleProcess {
  #name
  #program
  #options
  #onChange
  /** @type {ExampleState} */
  #state = { name: 'off' }
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child
  /** @type {Promise<ExampleState> | undefined} */
  #started
  /** @type {Promise<void> | undefined} */
  #stopping

  /**
   * @param {string} name What it is called, which is the name of its folder too.
   * @param {readonly string[]} options Of its command line.
   * @param {(state: ExampleState) => void} onChange Told of every change of its state.
   */
  constructor(name, options, onChange) {
    this.#name = name
    this.#program = fileURLToPath(new URL(`../../${name}/server.mjs`, import.meta.url))
    this.#options = options
    this.#onChange = onChange
  }

  get state() {
    return this.#state
  }

  /**
   * Starts the process, unless it runs, and prints its address; when it cannot run, prints the reason.
   * @returns {Promise<ExampleState>} Resolves when its page is served, or it has ended.
   */
  start() {
    this.#started ??= this.#run().finally(() => (this.#started = undefined))
    return this.#started
  }

  /** @returns {Promise<ExampleState>} */
  async #run() {
    await this.#stopping
    if (this.#state.name === 'open') return this.#state
    this.#set({ name: 'starting' })
    // The IPC channel tells the child when this process ends, however it ends.
    const child = spawn(process.execPath, [this.#program, ...this.#options], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    let stdout = ''
    let stderr = ''
    const address = new RegExp(`^StreamDB ${this.#name}: (\\S+)$`, 'm')
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr = `${stderr}${text}`.slice(-4_000)))
    /** @type {Promise<string | undefined>} */
    const printed = new Promise((resolve) => {
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        stdout = `${stdout}${text}`.slice(-4_000)
        const url = address.exec(stdout)?.[1]
        if (url !== undefined) resolve(url)
      })
      for (const end of ['error', 'close']) child.on(end, () => resolve(undefined))
    })
    const url = await printed
    if (url === undefined) {
      const error = stderr.trim() || 'It ended before it had printed its address.'
      if (this.#stopping === undefined)
        process.stderr.write(`The example ${this.#name} does not run. ${error}\n`)
      this.#setEnded(error)
      return this.#state
    }
    process.stdout.write(`StreamDB ${this.#name}: ${url}\n`)
    this.#set({ name: 'open', url })
    child.on('close', () => this.#setEnded(stderr.trim() || 'Its process ended.'))
    return this.#state
  }

  /** Stops the process; resolves when it has ended. */
  stop() {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve()
    this.#stopping ??= once(child, 'close').then(() => {
      this.#stopping = undefined
    })
    child.kill('SIGTERM')
    return this.#stopping
  }

  /** The process has ended: as it was asked to, or by itself. @param {string} error */
  #setEnded(error) {
    this.#set(this.#stopping === undefined ? { name: 'failed', error } : { name: 'off' })
  }

  /** @param {ExampleState} state */
  #set(state) {
    this.#state = state
    this.#onChange(state)
  }
}
