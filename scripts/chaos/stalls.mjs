import { quantile } from '../../bench/lib/stats.mjs'

/** How long after the cluster itself readers and writers may be on again, in milliseconds. */
export const lagBound = 2_000

/**
 * Returns the longest wait between two times around a window: from the last one before it on.
 * @param {readonly number[]} times In ascending order.
 * @param {number} from
 * @param {number} until
 */
export function longestWait(times, from, until) {
  let last = from
  let longest = 0
  for (const time of times) {
    if (time < from) last = time
    else {
      longest = Math.max(longest, Math.min(time, until) - last)
      last = time
      if (time >= until) return longest
    }
  }
  return Math.max(longest, until - last)
}

/**
 * Measures how long the cluster itself, the writers and the readers were kept waiting by each step, and by how much the
 * clients were later than the cluster.
 */
export function measureStalls({ steps, end, probe, writers, readers }) {
  const appended = probe.appends.map(({ stored }) => stored).sort((a, b) => a - b)
  const read = probe.reads.map(([time]) => time)
  const acknowledged = writers.map(({ transactions }) =>
    transactions.map(({ acknowledged: time, settled }) => time ?? settled ?? Infinity).sort((a, b) => a - b),
  )
  const confirmed = writers.map(({ transactions }) =>
    transactions.map(({ settled }) => settled ?? Infinity).sort((a, b) => a - b),
  )
  // Those that are opened anew again and again wait for that as well.
  const steady = readers.filter(({ statuses }) => statuses.every(([, name]) => name !== 'closed'))
  const seen = steady.map(({ seen: times }) => times.map(([time]) => time))
  return steps.map((step, index) => {
    const until = steps[index + 1]?.time ?? end
    const wait = (times) => longestWait(times, step.time, until)
    return {
      ...step,
      appended: wait(appended),
      read: wait(read),
      acknowledged: acknowledged.map(wait),
      confirmed: confirmed.map(wait),
      seen: seen.map(wait),
    }
  })
}

/** Returns the rows of the table: what, how many, p50, p99 and the longest, in seconds. */
export function stallTable(stalls) {
  const lag = (own, cluster) =>
    stalls.flatMap((stall) => own(stall).map((ms) => Math.max(0, ms - cluster(stall))))
  const rows = [
    ['the cluster takes an append (plain HTTP)', stalls.map(({ appended }) => appended)],
    ['the cluster has it for a read (plain HTTP)', stalls.map(({ read }) => read)],
    ['writers: next acknowledged', stalls.flatMap(({ acknowledged }) => acknowledged)],
    ['writers: next confirmed', stalls.flatMap(({ confirmed }) => confirmed)],
    ['readers: next rows', stalls.flatMap(({ seen }) => seen)],
  ]
  // It is on again when it takes appends and has them for reads.
  const cluster = ({ appended, read }) => Math.max(appended, read)
  const lags = [
    ['writers: acknowledged, later than the cluster', lag((each) => each.acknowledged, cluster)],
    ['writers: confirmed, later than the cluster', lag((each) => each.confirmed, cluster)],
    ['readers: later than the cluster', lag((each) => each.seen, cluster)],
  ]
  return { waits: rows.map(summary), lags: lags.map(summary) }
}

function summary([what, values]) {
  return {
    what,
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    most: Math.max(0, ...values),
    count: values.length,
  }
}

/** @returns {import('./rules.mjs').Verdict[]} */
export function lagRules({ lags }) {
  return [
    {
      rule: `[CH6] writers and readers are on again within ${lagBound / 1000} s of the cluster itself (p99)`,
      isTimed: true,
      broken: lags
        .filter(({ p99 }) => p99 > lagBound)
        .map(({ what, p99 }) => `${what}: ${(p99 / 1000).toFixed(1)} s`),
    },
  ]
}
