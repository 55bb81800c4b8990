import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../history/server.mjs', import.meta.url))

/**
 * How it stands with the history; without an address there is none to link to.
 * @typedef {{ readonly name: 'starting' } | { readonly name: 'open', readonly url: string } | { readonly name: 'none' }} HistoryState
 */

/** The history example, run beside the chat for as long as that runs. */
export class HistoryBeside {
  #options
  /** @type {HistoryState} */
  #state = { name: 'starting' }
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child

  /**
   * @param {string | undefined} repo The repository that it shows.
   * @param {string} data Where it keeps what it knows.
   */
  constructor(repo, data) {
    this.#options = ['--data', data, ...(repo === undefined ? [] : ['--repo', repo])]
  }

  get state() {
    return this.#state
  }

  /** Starts it, and prints its address. When it cannot be, that is said with its reason, and the chat goes on. */
  start() {
    // It hears by the fourth that the chat is gone, however that ended.
    const child = spawn(process.execPath, [program, ...this.#options], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    let output = ''
    let complaint = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text
      const url = /^StreamDB history: (\S+)$/m.exec(output)?.[1]
      if (url === undefined || this.#state.name === 'open') return
      this.#state = { name: 'open', url }
      process.stdout.write(`StreamDB history: ${url}\n`)
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => (complaint += text))
    for (const end of ['error', 'close']) {
      child.on(end, () => {
        if (this.#state.name === 'starting')
          process.stderr.write(`There is no history beside it. ${complaint.trim()}\n`)
        this.#state = { name: 'none' }
      })
    }
  }

  stop() {
    this.#child?.kill('SIGTERM')
  }
}
