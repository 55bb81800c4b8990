// node bench/profile.mjs WORKLOAD [SUBJECT]: where the processor time of one measurement goes, by function and by module. Of
// a live workload it is the following alone, without the load before it.

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { measureWorkload } from './lib/bench.mjs'
import { workloads } from './workloads/index.mjs'

const [name, subject = 'ours', factor = '1'] = process.argv.slice(2)
const workload = workloads.find((each) => each.name === name)
if (workload === undefined) {
  process.stderr.write(`Name one of: ${workloads.map((each) => each.name).join(', ')}\n`)
  process.exit(2)
}

await build()
const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'))
const log = workload.log && { ...workload.log, ...scaled(workload.log, Number(factor)) }
const isLive = /^live|Latency$/.test(workload.run)
const params = { ...workload.params, ...(isLive && { profileTo: join(folder, 'live.cpuprofile') }) }
const execArgv = isLive ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500']
const { measured, failures } = await measureWorkload(
  { ...workload, log, params, subjects: [subject] },
  { runs: 1, execArgv },
)
if (failures.length > 0) throw failures[0]
const [file] = readdirSync(folder)
const profile = JSON.parse(readFileSync(join(folder, file ?? ''), 'utf8'))
rmSync(folder, { recursive: true })

process.stdout.write(`${name}, ${subject}: ${JSON.stringify(measured[subject]?.[0])}\n`)
print(
  'by module',
  sums(profile, ({ url, functionName }) => moduleOf(url) || functionName),
  12,
)
print(
  'by function',
  sums(
    profile,
    ({ url, functionName, lineNumber }) =>
      `${functionName || '(anonymous)'}  ${moduleOf(url)} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`,
  ),
  32,
)

function scaled({ events, rows }, by) {
  return { ...(events && { events: events * by }), ...(rows && { rows: rows * by }) }
}

function moduleOf(url) {
  if (url.startsWith('node:')) return 'node'
  const [, found] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
  return found ?? (url.includes('/bench/dist/') ? 'ours' : url && 'bench')
}

/** Sums a profile's self times, in milliseconds, by what `label` says of a frame. */
function sums({ nodes, samples, timeDeltas }, label) {
  const labels = new Map(nodes.map((node) => [node.id, label(node.callFrame)]))
  const times = new Map()
  samples.forEach((id, index) => {
    const key = labels.get(id) ?? ''
    if (!key.startsWith('(idle)')) times.set(key, (times.get(key) ?? 0) + timeDeltas[index] / 1000)
  })
  return times
}

function print(title, times, most) {
  const total = [...times.values()].reduce((sum, ms) => sum + ms, 0)
  process.stdout.write(`\n${title} (${Math.round(total)} ms)\n`)
  for (const [key, ms] of [...times].sort(([, a], [, b]) => b - a).slice(0, most)) {
    process.stdout.write(
      `${((100 * ms) / total).toFixed(1).padStart(6)}% ${String(Math.round(ms)).padStart(7)} ms  ${key}\n`,
    )
  }
}
