import { machine } from '../../bench/lib/machine.mjs'

const seconds = (ms) => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : '-').padStart(6)

/** @param {readonly import('./schedule.mjs').Step[]} steps */
export function describeSchedule(steps) {
  return steps
    .map(
      ({ at, what, for: ms }) =>
        `  ${(at / 1000).toFixed(1).padStart(6)} s  ${what} for ${(ms / 1000).toFixed(1)} s`,
    )
    .join('\n')
}

/** Returns for each step how long everybody waited: the cluster itself, and those of the clients that waited longest. */
export function describeSteps(stalls) {
  const most = (values) => seconds(Math.max(0, ...values))
  const line = ({ what, appended, read, acknowledged, confirmed, seen }) =>
    `  ${what.padEnd(14)}${seconds(appended)}${seconds(read)}${most(acknowledged)}${most(confirmed)}${most(seen)}`
  const head = ['append', 'read', 'ackn.', 'conf.', 'rows'].map((each) => each.padStart(6)).join('')
  return [`  ${'longest, s'.padEnd(14)}${head}`, ...stalls.map(line)].join('\n')
}

/** Returns the table of waits and lags as text. */
export function describeStalls({ waits, lags }) {
  const width = Math.max(...[...waits, ...lags].map(({ what }) => what.length))
  const line = ({ what, p50, p99, most }) =>
    `  ${what.padEnd(width)}${seconds(p50)}${seconds(p99)}${seconds(most)}`
  return [
    `  ${'seconds'.padEnd(width)}${'p50'.padStart(6)}${'p99'.padStart(6)}${'most'.padStart(6)}`,
    ...[...waits, ...lags].map(line),
  ].join('\n')
}

/** @param {readonly import('./rules.mjs').Verdict[]} verdicts */
export function describeVerdicts(verdicts) {
  return verdicts
    .flatMap(({ rule, broken }) => [
      `${broken.length === 0 ? 'ok  ' : 'NOT '} ${rule}${broken.length === 0 ? '' : `: ${broken.length}`}`,
      ...broken.slice(0, 5).map((what) => `       ${what}`),
    ])
    .join('\n')
}

/** Counts what is alike: `3 x this, 1 x that`. */
export function tally(names) {
  const counts = new Map()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} x ${name}`).join(', ') || 'none'
}

export { machine }
