import { cpus, loadavg, totalmem } from 'node:os'

/** Says on what was measured. */
export function machine() {
  const [cpu] = cpus()
  return [
    `Node ${process.version}`,
    `${cpus().length} x ${cpu?.model.trim() || 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  ].join(', ')
}
