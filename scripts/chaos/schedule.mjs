import { random } from '../../bench/lib/random.mjs'

/**
 * What befalls the servers at a time.
 * @typedef {object} Step
 * @property {number} at Milliseconds after the beginning.
 * @property {'kill-leader' | 'kill-other' | 'kill-all' | 'freeze-leader' | 'freeze-other' | 'cut-leader' | 'cut-other' |
 *   'full-disk'} what
 * @property {number} for How long it lasts, in milliseconds.
 */

/** How often each befalls a cluster, and how long it lasts: from, and how much more at most. */
const onCluster = [
  { what: 'kill-leader', weight: 10, from: 1_000, more: 2_500 },
  { what: 'kill-other', weight: 2, from: 1_000, more: 2_500 },
  { what: 'kill-all', weight: 2, from: 500, more: 1_500 },
  { what: 'freeze-leader', weight: 2, from: 4_000, more: 5_000 },
  { what: 'freeze-other', weight: 1, from: 4_000, more: 5_000 },
  { what: 'cut-leader', weight: 3, from: 4_000, more: 5_000 },
  { what: 'cut-other', weight: 1, from: 4_000, more: 5_000 },
  { what: 'full-disk', weight: 1, from: 2_000, more: 2_000 },
]
const onOne = [
  { what: 'kill-leader', weight: 6, from: 300, more: 3_000 },
  { what: 'freeze-leader', weight: 2, from: 1_000, more: 4_000 },
  { what: 'full-disk', weight: 1, from: 2_000, more: 2_000 },
]
/** How long everything runs between two steps, in milliseconds: from, and how much more at most. */
const pause = { cluster: { from: 7_000, more: 4_000 }, one: { from: 2_500, more: 3_000 } }

/**
 * Returns what happens when: the same seed, the same schedule.
 * @param {{ seed: number, duration: number, isCluster: boolean }} options
 * @returns {Step[]}
 */
export function schedule({ seed, duration, isCluster }) {
  const below = random(seed)
  const kinds = isCluster ? onCluster : onOne
  const { from, more } = isCluster ? pause.cluster : pause.one
  const sum = kinds.reduce((total, { weight }) => total + weight, 0)
  const steps = []
  for (let at = isCluster ? 4_000 : 2_000; ;) {
    let dice = below(sum)
    const kind = kinds.find(({ weight }) => (dice -= weight) < 0) ?? kinds[0]
    const step = { at, what: kind.what, for: kind.from + below(kind.more) }
    // The last one is over before the end, and everybody has had the time to come back.
    if (at + step.for + from > duration) return steps
    steps.push(step)
    at += step.for + from + below(more)
  }
}
