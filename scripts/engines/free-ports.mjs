// @ts-check
import { createServer } from 'node:net'

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
