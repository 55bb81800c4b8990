import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../history/server.mjs', import.meta.url))

/**
 * The state of the history.
 * @typedef {{ readonly name: 'starting' } | { readonly name: 'open', readonly url: string } | { readonly name: 'none' }} HistoryState
 */

/** The history example, run as a process beside the chat for as long as that runs. */
export class HistoryProcess {
  #options
  /** @type {HistoryState} */
  #state = { name: 'starting' }
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child

  /**
   * @param {string | undefined} repo The repository that it shows.
   * @param {string} data Where it keeps its logs.
   */
  constructor(repo, data) {
    this.#options = ['--data', data, ...(repo === undefined ? [] : ['--repo', repo])]
  }

  get state() {
    return this.#state
  }

  /**
   * Starts the process, and prints its address. When it cannot run, prints the reason; the chat runs without it.
   * @param {string} chat The chat's address, to which its page links.
   */
  start(chat) {
    // The IPC channel tells the child when this process ends, however it ends.
    const child = spawn(process.execPath, [program, ...this.#options, '--chat', chat], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text
      const url = /^StreamDB history: (\S+)$/m.exec(stdout)?.[1]
      if (url === undefined || this.#state.name === 'open') return
      this.#state = { name: 'open', url }
      process.stdout.write(`StreamDB history: ${url}\n`)
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
    for (const end of ['error', 'close']) {
      child.on(end, () => {
        if (this.#state.name === 'starting')
          process.stderr.write(`There is no history beside the chat. ${stderr.trim()}\n`)
        this.#state = { name: 'none' }
      })
    }
  }

  stop() {
    this.#child?.kill('SIGTERM')
  }
}
