import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/**
 * What a stretch of work cost. `cpu` and `wall` in seconds, `block` in milliseconds, `memory` in megabytes: the peak of
 * the whole process since it began.
 * @typedef {{ cpu: number, wall: number, block: number, memory: number }} Cost
 */

/** Begins to measure; the function that it returns ends it. */
export function startMeter() {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const cpu = process.cpuUsage()
  const wall = performance.now()
  /** @returns {Promise<Cost>} */
  return async () => {
    const { user, system } = process.cpuUsage(cpu)
    const elapsed = performance.now() - wall
    // A block is only seen once it is over, by the next turn of the loop.
    await sleep(5)
    loop.disable()
    return {
      cpu: (user + system) / 1e6,
      wall: elapsed / 1000,
      block: loop.max / 1e6,
      memory: process.resourceUsage().maxRSS / 1000,
    }
  }
}

/** Returns the bytes on the heap that are in use; needs `--expose-gc`. */
export async function usedHeap() {
  for (let round = 0; round < 3; round++) {
    // What was let go in this turn is free in one of the next.
    await sleep(10)
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

export const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))
