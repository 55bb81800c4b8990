// @ts-check
import { execFileSync } from 'node:child_process'

/**
 * A host of its own on this machine: a network namespace with one cable.
 * @typedef {object} Host
 * @property {string} address
 * @property {(command: string, args: readonly string[]) => { readonly command: string, readonly args: readonly string[] }} inside
 *   Returns the command that runs another one there.
 * @property {() => void} cut Pulls the cable: nothing reaches it or leaves it, and nobody is told.
 * @property {() => void} join Plugs it in again.
 */

/**
 * @typedef {object} Hosts
 * @property {readonly Host[]} hosts None where they cannot be had.
 * @property {string} [reason] Why they cannot.
 * @property {() => void} remove Once their processes are gone. Idempotent.
 */

/**
 * Makes hosts on a network of their own, which this machine is on as well. It takes root, and `ip` of iproute2.
 * @param {number} count
 * @returns {Hosts}
 */
export function createHosts(count) {
  const id = process.pid
  const bridge = `sdb${id}`
  // Of the private addresses, by this process: two may run at once.
  const network = `10.${200 + (id % 50)}.${Math.floor(id / 50) % 250}`
  const names = Array.from({ length: count }, (_, index) => `${bridge}n${index + 1}`)
  let isRemoved = false
  const remove = () => {
    if (isRemoved) return
    isRemoved = true
    // A namespace is gone when its last process is, and its cable with it: sooner or later.
    for (const name of names) {
      tryIp('link', 'del', cableOf(name))
      tryIp('netns', 'del', name)
    }
    tryIp('link', 'del', bridge)
  }
  try {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('addr', 'add', `${network}.254/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
    const hosts = names.map((name, index) => createHost(name, `${network}.${index + 1}`, bridge))
    return { hosts, remove }
  } catch (error) {
    remove()
    return { hosts: [], reason: reasonOf(error), remove }
  }
}

/**
 * @param {string} name
 * @param {string} address
 * @param {string} bridge
 * @returns {Host}
 */
function createHost(name, address, bridge) {
  const cable = cableOf(name)
  ip('netns', 'add', name)
  ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('link', 'set', cable, 'master', bridge, 'up')
  for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up')
  ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
  return {
    address,
    inside: (command, args) => ({ command: 'ip', args: ['netns', 'exec', name, command, ...args] }),
    cut: () => ip('link', 'set', cable, 'down'),
    join: () => ip('link', 'set', cable, 'up'),
  }
}

/**
 * This machine's end of a cable.
 * @param {string} name
 */
function cableOf(name) {
  return `${name}c`
}

/** @param {readonly string[]} args */
function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** @param {readonly string[]} args */
function tryIp(...args) {
  try {
    ip(...args)
  } catch {
    // It was not made, or it is gone.
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  const { code, stderr } = Object(error)
  if (code === 'ENOENT') return 'there is no `ip` (iproute2)'
  return `${String(stderr ?? error).trim()} (it takes root)`
}
