import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const env = { ...process.env, NODE_ENV: 'production' }

/**
 * Starts a server in a process of its own.
 * @param {'page' | 'stream'} name
 * @param {object} spec what the log is made of
 */
export async function startServer(name, spec) {
  const server = fork(path(`${name}-server.mjs`), [JSON.stringify(spec)], {
    env,
    execArgv: ['--max-old-space-size=4096'],
  })
  const [{ url, beside }] = await once(server, 'message')
  return { url, beside, stop: () => server.kill() }
}

/**
 * Runs one measurement in a fresh process; resolves with its figures, rejects where it crashed or hung.
 * @param {object} task
 * @param {string[]} execArgv
 * @returns {Promise<Record<string, number>>}
 */
export async function measure(task, execArgv = []) {
  const child = fork(path('child.mjs'), [JSON.stringify(task)], {
    env,
    execArgv: ['--expose-gc', ...execArgv],
  })
  const timer = setTimeout(() => child.kill(), 300_000)
  let figures
  child.on('message', (message) => (figures = message))
  const [code, signal] = await once(child, 'exit')
  clearTimeout(timer)
  if (figures === undefined || code !== 0) {
    throw new Error(`${JSON.stringify(task)} ended with ${signal ?? code}`)
  }
  return figures
}
