// @ts-check
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/**
 * Below the ports that systems give to outgoing connections: a node that is down for a while gets its port back.
 */
const lowest = 17_000
const count = 14_000

/**
 * Finds ports on loopback on which nothing listens.
 * @param {number} wanted
 * @returns {Promise<number[]>}
 */
export async function freePorts(wanted) {
  /** @type {Set<number>} */
  const found = new Set()
  while (found.size < wanted) {
    const port = lowest + Math.floor(Math.random() * count)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

/**
 * Finds ports as `freePorts` does; those of the last time where the folder has them and they are free: the nodes of a cluster
 * know each other by them.
 * @param {number} wanted
 * @param {string} folder
 * @returns {Promise<number[]>}
 */
export async function keptPorts(wanted, folder) {
  const file = join(folder, 'ports.json')
  const kept = readPorts(file)
  if (kept.length === wanted && (await Promise.all(kept.map(isFree))).every(Boolean)) return kept
  const ports = await freePorts(wanted)
  writeFileSync(file, JSON.stringify(ports))
  return ports
}

/**
 * @param {string} file
 * @returns {number[]}
 */
function readPorts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
