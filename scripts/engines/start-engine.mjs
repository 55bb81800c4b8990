// @ts-check
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertEngineName, binaryPath, crateOf } from './catalog.mjs'
import { enginePlans } from './engine-plan.mjs'
import { nodeProcess, statusOf } from './node-process.mjs'

/**
 * @typedef {import('./catalog.mjs').EngineName} EngineName
 * @typedef {import('./node-process.mjs').EngineNode} EngineNode
 */

/**
 * @typedef {object} EngineOptions
 * @property {string} [dataDir] Keeps the streams, the configuration and the logs (`logs/`). A new folder in the system's
 *   temporary one unless told, which `stop()` removes.
 * @property {number} [port] Where clients connect: a free one unless told.
 * @property {boolean} [memory] Keeps nothing over a restart (`node`), or syncs nothing to the disk (`ds`). Not for Ursula.
 * @property {number} [longPollTimeout] How long a long-poll waits, in milliseconds: 30000 unless told. `node` and `ds` alone.
 * @property {string} [bucket] The first part of every stream's path: `streamdb` unless told. Ursula wants 4 to 64 characters
 *   of `a-z0-9_-`.
 * @property {number} [gateways] How many gateways `ursula-cluster` has: 1 unless told.
 * @property {readonly import('./hosts.mjs').Host[]} [hosts] Where the three nodes of `ursula-cluster` run, to cut them off; the
 *   gateway stays here.
 */

/**
 * A stream server that runs on loopback, in processes of its own. They end with this process, however it ends.
 * @typedef {object} Engine
 * @property {EngineName} name
 * @property {string} url What clients talk to: the gateway of a cluster.
 * @property {string} dataDir
 * @property {string} logs The folder of the logs, one file for each process.
 * @property {(path: string) => string} streamUrl Returns the URL of a stream. Ursula knows no folders: a slash becomes `~`.
 * @property {(bucket: string) => Promise<void>} createBucket Makes a first part of paths known, where the engine asks for that.
 * @property {readonly EngineNode[]} nodes Those that keep the streams: the gateway is none of them.
 * @property {readonly EngineNode[]} gateways Those in front of the nodes of a cluster; `url` is the first.
 * @property {() => Promise<void>} start Starts what is down, and waits until streams can be created.
 * @property {() => Promise<void>} restart Kills all nodes at once, by SIGKILL, and starts them again; the gateway stays.
 * @property {() => Promise<void>} kill Kills everything by SIGKILL; `start()` brings it back.
 * @property {() => Promise<void>} stop Ends everything, and removes a temporary data folder.
 */

/**
 * Starts a stream server on loopback. It has to be installed: `node scripts/engines/install.mjs NAME`.
 *
 * Rejects with the end of the log of what did not start.
 * @param {EngineName} name
 * @param {EngineOptions} [options]
 * @returns {Promise<Engine>}
 */
export async function startEngine(name, options = {}) {
  assertEngineName(name)
  assertInstalled(name)
  const {
    port,
    memory = false,
    longPollTimeout = 30_000,
    bucket = 'streamdb',
    hosts = [],
    gateways: count = 1,
  } = options
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), `streamdb-${name}-`))
  const logs = join(dataDir, 'logs')
  mkdirSync(logs, { recursive: true })
  const plan = await enginePlans[name]({
    dataDir,
    port,
    memory,
    longPollTimeout,
    bucket,
    hosts,
    gateways: count,
  })
  const nodes = plan.nodes.map((spec) => nodeProcess(spec, logs))
  const gateways = (plan.gateways ?? []).map((spec) => nodeProcess(spec, logs))
  const processes = [...nodes, ...gateways]
  const front = gateways[0] ?? nodes[0]
  if (front === undefined) throw new Error(`${name} has no process`)
  const { url } = front
  const hasBuckets = crateOf(name)?.crate === 'ursula'

  async function start() {
    // Nodes of a cluster wait for each other.
    await Promise.all(processes.map((each) => each.start()))
    if (hasBuckets) await createBucket(bucket)
    await untilWritable(streamUrl('engine-is-writable'))
  }

  /** @param {string} path */
  function streamUrl(path) {
    const parts = path.split('/').filter((part) => part !== '')
    return `${url}/${bucket}/${parts.map(encodeURIComponent).join(hasBuckets ? '~' : '/')}`
  }

  /** @param {string} name */
  async function createBucket(name) {
    if (!hasBuckets) return
    await retry(`PUT ${url}/${name}`, async () => {
      const status = await statusOf(`${url}/${name}`, { method: 'PUT' })
      return status === 200 || status === 201 || status === 204 || status === 409 ? undefined : status
    })
  }

  /** @type {Engine} */
  const engine = {
    name,
    url,
    dataDir,
    logs,
    streamUrl,
    createBucket,
    nodes,
    gateways,
    start,
    async restart() {
      await Promise.all(nodes.map((node) => node.kill()))
      await start()
    },
    kill: async () => void (await Promise.all(processes.map((each) => each.kill()))),
    async stop() {
      const removed = options.dataDir === undefined
      // What is removed need not be closed in order, which takes a server with open connections some seconds.
      await Promise.all(processes.map((each) => (removed ? each.kill() : each.stop())))
      if (removed) rmSync(dataDir, { recursive: true, force: true })
    },
  }
  try {
    await start()
  } catch (error) {
    await engine.kill()
    throw error
  }
  return engine
}

/** @param {EngineName} name */
function assertInstalled(name) {
  const reason = whyNotInstalled(name)
  if (reason !== undefined) throw new Error(reason)
}

/**
 * Says that an engine is not installed, and how to install it; nothing where it is.
 * @param {EngineName} name
 */
export function whyNotInstalled(name) {
  const crate = crateOf(name)
  if (crate === undefined || existsSync(binaryPath(crate))) return undefined
  return (
    `${name} is not installed: ${binaryPath(crate)} does not exist. ` +
    `Build it (about ${crate.minutes} CPU minutes): npm run engines:install -- ${name}`
  )
}

/**
 * Creates and deletes a stream, again while the server answers that it cannot yet (503 without a leader).
 * @param {string} url
 */
async function untilWritable(url) {
  const headers = { 'content-type': 'application/json' }
  await retry(`PUT ${url}`, async () => {
    const status = await statusOf(url, { method: 'PUT', headers })
    return status >= 200 && status < 300 ? undefined : status
  })
  await statusOf(url, { method: 'DELETE' })
}

/**
 * @param {string} what
 * @param {() => Promise<number | undefined>} attempt Resolves with undefined when it succeeded, else with the status.
 */
async function retry(what, attempt) {
  const deadline = Date.now() + 60_000
  for (let status = await attempt(); status !== undefined; status = await attempt()) {
    if (Date.now() > deadline) throw new Error(`${what} still answers ${status || 'nothing'} after 60 s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
