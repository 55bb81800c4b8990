import { median } from './stats.mjs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measure, startServer } from './processes.mjs'

let paths = 0

/**
 * Measures a workload: every subject in turn, again and again, each time in a fresh process, against one server.
 * @param {import('../workloads/index.mjs').Workload} workload
 * @param {{ runs: number, quick?: boolean, atOnce?: boolean, execArgv?: string[] }} how
 * @returns {Promise<{ measured: Record<string, Record<string, number>[]>, failures: unknown[] }>} the figures of every
 *   run, by subject, and what went wrong instead
 */
export async function measureWorkload(
  { run, prepare, log, params, quick, server = 'page', subjects = [] },
  how,
) {
  const spec = { ...log, ...(how.quick && quick.log) }
  const { url: origin, beside, stop } = await startServer(server, spec)
  const directory = mkdtempSync(join(tmpdir(), 'streamdb-bench-'))
  const measured = Object.fromEntries(subjects.map((subject) => [subject, []]))
  const failures = []
  /** What a measurement is of: a stream of its own or, where something was prepared, the one that it was prepared for. */
  const place = () => {
    const name = prepare ? 'log' : `log-${++paths}`
    const given = how.quick && quick.params ? quick.params : params
    return {
      url: `${origin}/${name}`,
      kind: spec.kind ?? 'inserts',
      beside,
      directory: join(directory, name),
      ...given,
    }
  }
  const one = async (subject) => {
    const task = { run, subject, ...place() }
    try {
      measured[subject].push(await measure(task, how.execArgv))
    } catch (error) {
      // The others are worth their figures all the same.
      failures.push(error)
    }
  }
  try {
    if (prepare) await measure({ run: prepare, subject: 'ours', ...place() })
    for (let round = 0; round < how.runs; round++) {
      // Nobody is always the first, or always after the same other.
      const order = subjects.map((_, index) => subjects[(index + round) % subjects.length])
      if (how.atOnce) await Promise.all(order.map(one))
      else for (const subject of order) await one(subject)
    }
  } finally {
    stop()
    rmSync(directory, { recursive: true, force: true })
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
