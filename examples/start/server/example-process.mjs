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
    this.#started ??= this.#run().then((state) => {
      this.#started = undefined
      return state
    })
    return this.#state.name === 'open' ? Promise.resolve(this.#state) : this.#started
  }

  /** @returns {Promise<ExampleState>} */
  async #run() {
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
      if (!this.#isStopped) process.stderr.write(`The example ${this.#name} does not run. ${error}\n`)
      this.#set(this.#isStopped ? { name: 'off' } : { name: 'failed', error })
      this.#isStopped = false
      return this.#state
    }
    process.stdout.write(`StreamDB ${this.#name}: ${url}\n`)
    this.#set({ name: 'open', url })
    child.on('close', () => {
      const error = stderr.trim() || 'Its process ended.'
      this.#set(this.#isStopped ? { name: 'off' } : { name: 'failed', error })
      this.#isStopped = false
    })
    return this.#state
  }

  #isStopped = false

  /** Stops the process; resolves when it has ended. */
  async stop() {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    this.#isStopped = true
    child.kill('SIGTERM')
    await once(child, 'close')
  }

  /** @param {ExampleState} state */
  #set(state) {
    this.#state = state
    this.#onChange(state)
  }
}
