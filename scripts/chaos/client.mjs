import { fork } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A process of clients: it says how far it is, is told what to do, and writes what it saw into a file at its end.
 * @typedef {object} Client
 * @property {string} name
 * @property {(message: 'ready' | 'stopped' | 'finished', within: number) => Promise<void>} until
 * @property {(message: object) => void} tell
 * @property {() => unknown} result
 * @property {() => void} kill
 */

/**
 * @param {string} name
 * @param {string} program
 * @param {object} options
 * @param {string} folder
 * @returns {Client}
 */
export function startClient(name, program, options, folder) {
  const out = join(folder, 'out', `${name}.json`)
  const log = openSync(join(folder, 'out', `${name}.log`), 'w')
  const child = fork(join(folder, 'clients', `${program}.mjs`), [JSON.stringify({ ...options, out })], {
    stdio: ['ignore', log, log, 'ipc'],
  })
  const heard = new Set()
  const waiting = new Map()
  /** @type {Error | undefined} */
  let ended
  child.on('message', (message) => {
    heard.add(message)
    waiting.get(message)?.resolve()
  })
  child.on('exit', (code, signal) => {
    if (heard.has('finished')) return
    const text = readFileSync(join(folder, 'out', `${name}.log`), 'utf8').slice(-2_000)
    ended = new Error(`${name} ended with ${signal ?? code}\n${text}`)
    for (const { reject } of waiting.values()) reject(ended)
  })
  return {
    name,
    until(message, within) {
      if (heard.has(message)) return Promise.resolve()
      if (ended) return Promise.reject(ended)
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${name} is not ${message} after ${within} ms`)),
          within,
        )
        const settle = (run) => (value) => {
          clearTimeout(timer)
          run(value)
        }
        waiting.set(message, { resolve: settle(resolve), reject: settle(reject) })
      })
    },
    tell: (message) => void (child.connected && child.send(message)),
    result: () => JSON.parse(readFileSync(out, 'utf8')),
    kill: () => void child.kill('SIGKILL'),
  }
}
