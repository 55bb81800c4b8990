import { median } from './stats.mjs'
import { measure, startServer } from './processes.mjs'

let paths = 0

/**
 * Measures a workload: every subject in turn, again and again, each time in a fresh process, against one server.
 * @param {import('../workloads/index.mjs').Workload} workload
 * @param {{ runs: number, quick?: boolean, atOnce?: boolean, execArgv?: string[] }} how
 * @returns {Promise<{ measured: Record<string, Record<string, number>[]>, failures: unknown[] }>} the figures of every
 *   run, by subject, and what went wrong instead
 */
export async function measureWorkload({ run, log, params, quick, server = 'page', subjects = [] }, how) {
  const spec = { ...log, ...(how.quick && quick.log) }
  const { url: origin, stop } = await startServer(server, spec)
  const measured = Object.fromEntries(subjects.map((subject) => [subject, []]))
  const failures = []
  const one = async (subject) => {
    const task = {
      run,
      subject,
      url: `${origin}/log-${++paths}`,
      kind: spec.kind ?? 'inserts',
      ...(how.quick && quick.params ? quick.params : params),
    }
    try {
      measured[subject].push(await measure(task, how.execArgv))
    } catch (error) {
      // The others are worth their figures all the same.
      failures.push(error)
    }
  }
  try {
    for (let round = 0; round < how.runs; round++) {
      // Nobody is always the first, or always after the same other.
      const order = subjects.map((_, index) => subjects[(index + round) % subjects.length])
      if (how.atOnce) await Promise.all(order.map(one))
      else for (const subject of order) await one(subject)
    }
  } finally {
    stop()
  }
  return { measured, failures }
}

/** Returns the medians of a workload's figures, by subject. */
export function medians(measured) {
  return Object.fromEntries(
    Object.entries(measured).map(([subject, runs]) => [
      subject,
      Object.fromEntries(
        Object.keys(runs[0] ?? {}).map((name) => [name, median(runs.map((figures) => figures[name]))]),
      ),
    ]),
  )
}
