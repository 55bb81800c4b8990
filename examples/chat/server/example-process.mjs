import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * The state of an example that runs beside the chat.
 * @typedef {{ readonly name: 'starting' } | { readonly name: 'open', readonly url: string } | { readonly name: 'none' }} ExampleState
 */

/** Another example, run as a process beside the chat for as long as that runs. */
export class ExampleProcess {
  #name
  #program
  #options
  /** @type {ExampleState} */
  #state = { name: 'starting' }
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child

  /**
   * @param {string} name What it is called, which is the name of its folder too.
   * @param {readonly string[]} options Of its command line.
   */
  constructor(name, options) {
    this.#name = name
    this.#program = fileURLToPath(new URL(`../../${name}/server.mjs`, import.meta.url))
    this.#options = options
  }

  get state() {
    return this.#state
  }

  /**
   * Starts the process, and prints its address. When it cannot run, prints the reason; the chat runs without it.
   * @param {string} chat The chat's address, to which its page links.
   * @returns {Promise<void>} Resolves when its page is served, or it has ended.
   */
  start(chat) {
    // The IPC channel tells the child when this process ends, however it ends.
    const child = spawn(process.execPath, [this.#program, ...this.#options, '--chat', chat], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    let stdout = ''
    let stderr = ''
    const address = new RegExp(`^StreamDB ${this.#name}: (\\S+)$`, 'm')
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
    return new Promise((resolve) => {
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        stdout += text
        const url = address.exec(stdout)?.[1]
        if (url === undefined || this.#state.name === 'open') return
        this.#state = { name: 'open', url }
        process.stdout.write(`StreamDB ${this.#name}: ${url}\n`)
        resolve()
      })
      for (const end of ['error', 'close']) {
        child.on(end, () => {
          if (this.#state.name === 'starting')
            process.stderr.write(`There is no ${this.#name} beside the chat. ${stderr.trim()}\n`)
          this.#state = { name: 'none' }
          resolve()
        })
      }
    })
  }

  /** Says that it is not to run. */
  skip() {
    this.#state = { name: 'none' }
  }

  stop() {
    this.#child?.kill('SIGTERM')
  }
}
