// node bench/plot.mjs [--save FILE] [--runs N] [--most N]: how the cost of a first load grows, as an SVG of four plots.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { measureWorkload, medians } from './lib/bench.mjs'
import { machine } from './lib/machine.mjs'
import { drawing } from './lib/svg.mjs'

const { values } = parseArgs({
  options: {
    save: { type: 'string', default: fileURLToPath(new URL('../docs/first-load.svg', import.meta.url)) },
    runs: { type: 'string', default: '3' },
    most: { type: 'string', default: '1000000' },
  },
})
/** @type {{ subject: string, name: string, colour: string, mark: 'dot' | 'square' }[]} */
const subjects = [
  { subject: 'ours', name: 'StreamDB', colour: '#0a7d4b', mark: 'dot' },
  { subject: 'published', name: '@durable-streams/state 0.3.1', colour: '#c2410c', mark: 'square' },
]
const sizes = [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000].filter(
  (size) => size <= Number(values.most),
)

await build()
const before = machine()
const growths = [
  {
    title: 'More events, of the same 1,000 live rows',
    x: 'events in the log',
    found: await measureAll(sizes.map((events) => ({ kind: 'updates', events, rows: 1000 }))),
  },
  {
    title: 'More live rows, of one event each',
    x: 'live rows',
    found: await measureAll(
      sizes.filter((size) => size <= 300_000).map((events) => ({ kind: 'inserts', events })),
    ),
  },
]
const plots = growths.flatMap(({ title, x, found }) =>
  [
    { figure: 'wall', y: 'first load, seconds', unit: 's' },
    { figure: 'memory', y: 'peak memory of the process, MB', unit: 'MB' },
  ].map(({ figure, y, unit }) => ({
    title,
    x,
    y,
    unit,
    series: subjects.map(({ subject, ...look }) => ({
      ...look,
      points: found.map(({ at, figures }) => [at, figures[subject][figure]]),
    })),
  })),
)
const text = `${before}; medians of ${values.runs} runs; all axes are logarithmic`
writeFileSync(values.save, drawing('How a first load grows: time and memory', plots, text))
process.stdout.write(`${text}\n${JSON.stringify(growths)}\n`)

/** Measures a first load of every log; resolves with the medians by subject. */
async function measureAll(logs) {
  const found = []
  for (const log of logs) {
    process.stderr.write(`${log.kind} ${log.events} `)
    const workload = { run: 'firstLoad', log, params: {}, subjects: subjects.map(({ subject }) => subject) }
    const { measured, failures } = await measureWorkload(workload, { runs: Number(values.runs) })
    if (failures.length > 0) throw failures[0]
    found.push({ at: log.events, figures: medians(measured) })
  }
  process.stderr.write('\n')
  return found
}
