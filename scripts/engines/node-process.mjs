// @ts-check
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { killWithUs } from './reaper.mjs'

/**
 * How one process of an engine is started.
 * @typedef {object} NodeSpec
 * @property {string} name Names its log file, too.
 * @property {string} url Where it listens.
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} [env]
 * @property {() => Promise<boolean>} isReady Asks the process whether it can serve.
 */

/**
 * One process of an engine, which may be killed and started again on its port and its files.
 * @typedef {object} EngineNode
 * @property {string} name
 * @property {string} url Where it listens: the same after every start.
 * @property {number | undefined} pid Undefined while it is down.
 * @property {() => Promise<boolean>} isReady
 * @property {(options?: StartOptions) => Promise<void>} start Does nothing while it runs.
 * @property {() => Promise<void>} stop Asks it to end (SIGTERM), and kills it after 5 seconds.
 * @property {() => Promise<void>} kill By SIGKILL. Resolves when the process is gone.
 */

/**
 * @typedef {object} StartOptions
 * @property {number} [within] After how many milliseconds a node that is not ready is a failure: 60000 unless told.
 *   0 does not wait: a node of a cluster is ready only with a majority.
 */

/**
 * Describes a process of an engine, and starts nothing.
 * @param {NodeSpec} spec
 * @param {string} logs The folder of the logs.
 * @returns {EngineNode}
 */
export function nodeProcess({ name, url, command, args, env, isReady }, logs) {
  const logFile = join(logs, `${name}.log`)
  /** @type {{ readonly child: import('node:child_process').ChildProcess, readonly ended: Promise<string> } | undefined} */
  let running

  /** @param {NodeJS.Signals} signal */
  async function end(signal) {
    if (running === undefined) return
    const { child, ended } = running
    child.ref()
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(timer)
  }

  /** @param {string} what */
  function failure(what) {
    return new Error(`${name} at ${url} ${what}.\nThe end of ${logFile}:\n${tailOf(logFile)}`)
  }

  return {
    name,
    url,
    get pid() {
      return running?.child.pid
    },
    isReady: async () => running !== undefined && (await isReady()),
    async start({ within = 60_000 } = {}) {
      if (running !== undefined) return
      mkdirSync(logs, { recursive: true })
      const log = openSync(logFile, 'a')
      // A group of its own, so that Ctrl+C is for the process that holds the engine.
      const child = spawn(command, args, {
        stdio: ['ignore', log, log],
        detached: true,
        env: { ...process.env, ...env },
      })
      closeSync(log)
      const forget = child.pid === undefined ? undefined : killWithUs(child.pid)
      /** @type {Promise<string>} */
      const ended = new Promise((resolve) => {
        child.once('error', (error) => resolve(`could not be started: ${error.message}`))
        child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`))
      }).then((how) => {
        forget?.()
        if (running?.child === child) running = undefined
        return String(how)
      })
      running = { child, ended }
      if (within > 0) {
        const outcome = await Promise.race([ended, untilReady(isReady, within)])
        if (outcome !== 'ready') {
          await end('SIGKILL')
          throw failure(outcome)
        }
      }
      // The engine ends with this process, and does not keep it running.
      child.unref()
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/**
 * @param {() => Promise<boolean>} isReady
 * @param {number} within
 */
async function untilReady(isReady, within) {
  const deadline = Date.now() + within
  while (!(await isReady())) {
    if (Date.now() > deadline) return `was not ready within ${within} ms`
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return 'ready'
}

/**
 * @param {string} file
 * @returns {string}
 */
function tailOf(file) {
  const text = readFileSync(file, 'utf8').trimEnd()
  return text === '' ? '(it wrote nothing)' : text.slice(-2_000)
}

/**
 * Sends a request and returns its status, or 0 where nothing answers. No connection is kept: after a restart it would be dead.
 * @param {string} url
 * @param {RequestInit} [init]
 */
export async function statusOf(url, init = {}) {
  try {
    const headers = { ...init.headers, connection: 'close' }
    const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(5_000) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}
