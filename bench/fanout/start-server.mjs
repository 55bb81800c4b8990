import { startEngine } from '../../scripts/engines/start-engine.mjs'

/** Which engine a name of the command stands for, and how it keeps its streams. */
const variants = {
  node: { engine: 'node', memory: false },
  'node-memory': { engine: 'node', memory: true },
  ds: { engine: 'ds', memory: false },
  ursula: { engine: 'ursula', memory: false },
  'ursula-cluster': { engine: 'ursula-cluster', memory: false },
}

/** What a command may call an engine. */
export const serverNames = Object.keys(variants)

/**
 * Starts a stream server in processes of its own, with nothing in it.
 * @param {string} name
 * @param {{ gateways?: number }} [options] How many gateways a cluster has.
 * @returns {Promise<{ streamUrl: (path: string) => string, streamUrls: (path: string) => readonly string[],
 *   dataDir: string, pids: readonly number[], stop: () => Promise<void> }>} `streamUrls`: of a stream, at each gateway;
 *   `pids`: of all its processes, gateways too
 */
export async function startServer(name, { gateways: count = 1 } = {}) {
  const variant = variants[name]
  if (variant === undefined)
    throw new Error(
      `Unknown engine ${JSON.stringify(name)}: expected one of ${Object.keys(variants).join(', ')}`,
    )
  const { url, streamUrl, dataDir, nodes, gateways, stop } = await startEngine(variant.engine, {
    ...{ memory: variant.memory, gateways: count },
  })
  const pids = [...nodes, ...gateways].flatMap((each) => each.pid ?? [])
  const streamUrls = (path) =>
    gateways.length === 0
      ? [streamUrl(path)]
      : gateways.map((gateway) => gateway.url + streamUrl(path).slice(url.length))
  return { streamUrl, streamUrls, dataDir, pids, stop }
}
