import { request } from './raw-log.mjs'

/**
 * What is done to the servers of an engine. Each resolves with what was done when it is over.
 * @param {{ readonly nodes: readonly any[], readonly streamUrl: (path: string) => string, readonly url: string }} engine
 * @param {string} url The stream whose leader is meant.
 * @param {import('./small-disk.mjs').SmallDisks} disks
 * @param {readonly import('../engines/hosts.mjs').Host[]} hosts Of the nodes, in their order.
 */
export function serversOf(engine, url, disks, hosts) {
  const { nodes } = engine
  const path = new URL(url).pathname
  /** Frozen, or cut off. */
  const away = new Set()

  /** The node that looks at what it is sent, here nothing: a follower sends it elsewhere. */
  async function findLeader() {
    if (nodes.length === 1) return nodes[0]
    const answers = await Promise.all(
      nodes.map(async (node) => {
        if (node.pid === undefined || away.has(node)) return false
        const headers = { 'content-type': 'application/json' }
        /** @type {RequestInit} */
        const init = { method: 'POST', redirect: 'manual', headers, body: '' }
        const answer = await request(`${node.url}${path}`, init, 500).catch(() => undefined)
        return answer?.status === 400
      }),
    )
    return nodes[answers.indexOf(true)]
  }

  async function pick(isLeader) {
    for (let tries = 0; tries < 40; tries++) {
      const leader = await findLeader()
      if (leader !== undefined) return isLeader ? leader : nodes.find((node) => node !== leader)
      await sleep(50)
    }
    return nodes.find(({ pid }) => pid !== undefined)
  }

  async function kill(targets, ms) {
    await Promise.all(targets.map((node) => node.kill()))
    await sleep(ms)
    await Promise.all(targets.map((node) => node.start({ within: targets.length === 1 ? 60_000 : 0 })))
  }

  async function freeze(node, ms) {
    const { pid } = node
    if (pid === undefined) return
    away.add(node)
    process.kill(pid, 'SIGSTOP')
    await sleep(ms)
    away.delete(node)
    if (node.pid === pid) process.kill(pid, 'SIGCONT')
  }

  async function cut(node, ms) {
    const host = hosts[nodes.indexOf(node)]
    away.add(node)
    host?.cut()
    await sleep(ms)
    away.delete(node)
    host?.join()
  }

  async function fillDisk({ name }, ms) {
    disks.fill(name)
    await sleep(ms)
    disks.free(name)
  }

  return {
    /** Resolves with the node that is meant, so that its end can be timed. */
    async choose(what) {
      if (what === 'kill-all') return nodes
      const node = await pick(what.endsWith('-leader') || what === 'full-disk')
      return node === undefined ? [] : [node]
    },
    /** @param {string} what */
    async befall(what, targets, ms) {
      if (what.startsWith('kill')) await kill(targets, ms)
      else if (what === 'full-disk') for (const node of targets) await fillDisk(node, ms)
      else if (what.startsWith('cut')) for (const node of targets) await cut(node, ms)
      else for (const node of targets) await freeze(node, ms)
    },
    async heal() {
      for (const node of nodes) {
        if (node.pid === undefined) await node.start({ within: 60_000 })
      }
    },
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
