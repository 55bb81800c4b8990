// npm run bench -- [--quick] [--only NAME] [--runs N] [--save FILE] [--against FOLDER]: measures every workload, and prints
// one table; with --against, beside another checkout of this repository in place of the other layers, which is measured
// twice: what it differs by from itself is noise.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { measureWorkload, medians } from './lib/bench.mjs'
import { machine } from './lib/machine.mjs'
import { lineOf, tableOf } from './lib/table.mjs'
import { workloads } from './workloads/index.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string' },
    save: { type: 'string' },
    against: { type: 'string' },
  },
})
const { quick, only, against } = values
const runs = Number(values.runs ?? (quick ? 1 : 5))
const chosen = workloads
  .filter(({ name }) => only.length === 0 || only.includes(name))
  // What is compared with ourselves is new: the other checkout has it not.
  .filter(({ subjects }) => against === undefined || (subjects.length > 1 && !subjects.includes('without')))
if (chosen.length === 0) {
  process.stderr.write(`No such workload. There are: ${workloads.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}

await build(against && resolve(against))
const before = machine()
const lines = []
const raw = {}
for (const named of chosen) {
  const workload = against === undefined ? named : { ...named, subjects: ['ours', 'before', 'again'] }
  process.stderr.write(`${workload.name} `)
  // What --quick shows is that all of it works; then nobody looks at the figures.
  const times = against === undefined ? Math.min(runs, workload.runs ?? runs) : runs
  const { measured, failures } = await measureWorkload(workload, { runs: times, quick, atOnce: quick })
  raw[workload.name] = measured
  const found = medians(measured)
  for (const figure of workload.figures) lines.push(lineOf(workload, figure, found, !quick))
  for (const failure of failures) {
    process.exitCode = 1
    process.stderr.write(`FAILED: ${failure instanceof Error ? failure.message : String(failure)}\n`)
  }
}
process.stderr.write('\n')
if (quick && only.length === 0) {
  // A command of its own, with engines and sizes of its own: here it only has to work.
  const fanout = fileURLToPath(new URL('fanout.mjs', import.meta.url))
  if (spawnSync(process.execPath, [fanout, '--quick'], { stdio: 'inherit' }).status !== 0)
    process.exitCode = 1
}

const runsOf = quick
  ? 'small sizes, all at once: these figures say nothing'
  : `medians of ${runs} runs, of one or two where a run takes long`
const text = `${before}; ${runsOf}\n\n${tableOf(lines)}\n`
process.stdout.write(text)
if (values.save !== undefined) {
  writeFileSync(values.save, text)
  writeFileSync(
    `${values.save}.json`,
    `${JSON.stringify({ machine: before, runs, measured: raw }, null, 2)}\n`,
  )
}
