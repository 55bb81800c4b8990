import { startEngine } from '../../scripts/engines/start-engine.mjs'

/** Which engine a name of the command stands for, and how it keeps its streams. */
const variants = {
  node: { engine: 'node', memory: false },
  'node-memory': { engine: 'node', memory: true },
  ds: { engine: 'ds', memory: false },
  ursula: { engine: 'ursula', memory: false },
  'ursula-cluster': { engine: 'ursula-cluster', memory: false },
}

/**
 * Starts a stream server in processes of its own, with nothing in it.
 * @param {string} name
 * @returns {Promise<{ streamUrl: (path: string) => string, dataDir: string, pids: readonly number[],
 *   stop: () => Promise<void> }>} `pids`: of all its processes, a gateway too
 */
export async function startServer(name) {
  const variant = variants[name]
  if (variant === undefined)
    throw new Error(
      `Unknown engine ${JSON.stringify(name)}: expected one of ${Object.keys(variants).join(', ')}`,
    )
  const { streamUrl, dataDir, nodes, gateway, stop } = await startEngine(variant.engine, {
    memory: variant.memory,
  })
  const pids = [...nodes, gateway].flatMap((each) => each?.pid ?? [])
  return { streamUrl, dataDir, pids, stop }
}
