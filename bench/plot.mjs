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
const subjects = [
  { name: 'ours', colour: '#0a7d4b' },
  { name: 'published', colour: '#c2410c' },
]
const sizes = [1000, 10_000, 100_000, 1_000_000].filter((size) => size <= Number(values.most))

await build()
const before = machine()
const growing = {
  events: await measureAll(sizes.map((events) => ({ kind: 'updates', events, rows: 1000 }))),
  rows: await measureAll(sizes.slice(0, 3).map((events) => ({ kind: 'inserts', events }))),
}
const plots = Object.entries(growing).flatMap(([what, measured]) =>
  [
    ['cpu', 'processor time, s'],
    ['memory', 'peak memory, MB'],
  ].map(([figure, y]) => ({
    title: what === 'events' ? `1,000 live rows, more events` : `more live rows, an event each`,
    x: what === 'events' ? 'events' : 'live rows',
    y,
    series: subjects.map(({ name, colour }) => ({
      name,
      colour,
      points: measured.map(({ at, found }) => [at, found[name][figure]]),
    })),
  })),
)
writeFileSync(values.save, drawing(plots))
process.stdout.write(`${before}\n${JSON.stringify(growing)}\n`)

async function measureAll(logs) {
  const measured = []
  for (const log of logs) {
    const workload = { run: 'firstLoad', log, params: {}, subjects: subjects.map(({ name }) => name) }
    const { measured: found, failures } = await measureWorkload(workload, { runs: Number(values.runs) })
    if (failures.length > 0) throw failures[0]
    measured.push({ at: log.events, found: medians(found) })
    process.stderr.write(`${log.kind} ${log.events} `)
  }
  process.stderr.write('\n')
  return measured
}
