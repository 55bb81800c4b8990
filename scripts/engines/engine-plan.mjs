// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binaryPath, crates } from './catalog.mjs'
import { keptPorts } from './free-ports.mjs'
import { statusOf } from './node-process.mjs'

/**
 * @typedef {object} PlanOptions
 * @property {string} dataDir
 * @property {number | undefined} port Where clients connect.
 * @property {boolean} memory
 * @property {number} longPollTimeout
 * @property {string} bucket
 * @property {number} gateways How many gateways a cluster has.
 * @property {readonly import('./hosts.mjs').Host[]} hosts Where the nodes of a cluster run; on this one where there are none.
 */

/**
 * The processes of an engine: those that keep the streams, and those in front of them.
 * @typedef {object} EnginePlan
 * @property {readonly import('./node-process.mjs').NodeSpec[]} nodes
 * @property {readonly import('./node-process.mjs').NodeSpec[]} [gateways]
 */

/**
 * Chooses ports, writes the files of the configuration, and says which processes to start.
 * @type {Readonly<Record<import('./catalog.mjs').EngineName, (options: PlanOptions) => Promise<EnginePlan>>>}
 */
export const enginePlans = {
  async node({ dataDir, port, memory, longPollTimeout }) {
    const [at = 0] = port === undefined ? await keptPorts(1, dataDir) : [port]
    const program = fileURLToPath(new URL('node-server.mjs', import.meta.url))
    const url = `http://127.0.0.1:${at}`
    const args = [program, `${at}`, `${longPollTimeout}`, ...(memory ? [] : [join(dataDir, 'streams')])]
    if (!memory) mkdirSync(join(dataDir, 'streams'), { recursive: true })
    return { nodes: [{ name: 'node', url, command: process.execPath, args, isReady: () => answers(url) }] }
  },

  async ds({ dataDir, port, memory, longPollTimeout }) {
    const [at = 0] = port === undefined ? await keptPorts(1, dataDir) : [port]
    const url = `http://127.0.0.1:${at}`
    const args = `--host 127.0.0.1 --port ${at} --long-poll-timeout-ms ${longPollTimeout}`.split(' ')
    args.push('--data-dir', join(dataDir, 'streams'), ...(memory ? ['--durability', 'memory'] : []))
    return { nodes: [{ name: 'ds', url, command: binaryPath(crates.ds), args, isReady: () => answers(url) }] }
  },

  async ursula({ dataDir, port, memory }) {
    const [at = 0, admin = 0] = await keptPorts(2, dataDir)
    return { nodes: ursulaNodes(dataDir, memory, [{ id: 1, port: port ?? at, admin }]) }
  },

  async 'ursula-cluster'({ dataDir, port, memory, hosts, gateways }) {
    const [one = 0, two = 0, three = 0, adminOne = 0, adminTwo = 0, adminThree = 0, ...fronts] =
      await keptPorts(6 + gateways, dataDir)
    const nodes = ursulaNodes(dataDir, memory, [
      { id: 1, port: one, admin: adminOne, host: hosts[0] },
      { id: 2, port: two, admin: adminTwo, host: hosts[1] },
      { id: 3, port: three, admin: adminThree, host: hosts[2] },
    ])
    const upstreams = nodes.flatMap((node) => ['--upstream', node.url])
    const command = binaryPath(crates.ursula)
    return {
      nodes,
      gateways: fronts.map((front, index) => {
        const at = index === 0 ? (port ?? front) : front
        const url = `http://127.0.0.1:${at}`
        const args = ['gateway', '--listen', `127.0.0.1:${at}`, ...upstreams, '--cors-allowed-origin', '*']
        // Before the readers have left it would not end.
        args.push('--graceful-shutdown-timeout', '1', '--raft-group-count', `${groups}`)
        const name = index === 0 ? 'gateway' : `gateway${index + 1}`
        return { name, url, command, args, isReady: () => answers(url) }
      }),
    }
  },
}

/** How many groups of a cluster share the streams. */
const groups = 16

/**
 * A node of a cluster.
 * @typedef {object} Member
 * @property {number} id
 * @property {number} port
 * @property {number} admin The port of its administration.
 * @property {import('./hosts.mjs').Host | undefined} [host] Where it runs; on this machine unless told.
 */

/**
 * @param {string} dataDir
 * @param {boolean} memory
 * @param {readonly Member[]} members
 * @returns {import('./node-process.mjs').NodeSpec[]}
 */
function ursulaNodes(dataDir, memory, members) {
  if (memory) throw new Error('Ursula keeps its log in files here: start it without `memory`')
  const peers = members
    .map((member) => `[[raft.peers]]\nnode_id = ${member.id}\nurl = "http://${addressOf(member)}"\n`)
    .join('\n')
  return members.map((member) => {
    const { id, admin, host } = member
    const name = `node${id}`
    const wal = join(dataDir, name)
    mkdirSync(wal, { recursive: true })
    const config = join(dataDir, `${name}.toml`)
    writeFileSync(config, ursulaConfig({ id, listen: addressOf(member), admin, wal, peers }))
    const url = `http://${addressOf(member)}`
    const isReady = async () => (await statusOf(`${url}/__ursula/ready`)) === 200
    const run = { command: binaryPath(crates.ursula), args: ['server', '--config', config] }
    return { name, url, ...(host?.inside(run.command, run.args) ?? run), isReady }
  })
}

/** @param {Member} member */
function addressOf({ port, host }) {
  return `${host?.address ?? '127.0.0.1'}:${port}`
}

/** @param {{ id: number, listen: string, admin: number, wal: string, peers: string }} node */
function ursulaConfig({ id, listen, admin, wal, peers }) {
  return `[server]
listen = "${listen}"
admin_listen = "127.0.0.1:${admin}"
cluster_id = "streamdb"

[raft]
node_id = ${id}
group_count = ${groups}

[raft.wal]
path = ${JSON.stringify(wal)}
min_available_size = "64MiB"
resume_available_size = "128MiB"

${peers}`
}

/**
 * Whether anything answers there by HTTP.
 * @param {string} url
 */
async function answers(url) {
  return (await statusOf(`${url}/`)) !== 0
}
