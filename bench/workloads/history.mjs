import { usedHeap } from '../lib/meter.mjs'
import { quantile } from '../lib/stats.mjs'
import { queries } from './queries.mjs'

/**
 * Moves through the past of a log with a live query on it: steps forward and back at its end, and jumps. In milliseconds,
 * until everything is visible; `ratio`: what the past keeps on the heap (every event, and copies of the rows), as a
 * multiple of the rows at the end in plain Maps.
 */
export async function historySteps({ open, url, kind, steps }) {
  const ratio = await weigh(url)
  const opened = open({ url, kind, live: false })
  const past = opened.db.at('-1')
  const query = queries.filter(past.collections)
  query.subscribeChanges(() => undefined)
  await past.preload()
  await query.preload()
  const load = await timed(() => past.step(Infinity))
  const times = []
  for (let step = 0; step < steps; step++) {
    // Back a while, then forward again.
    times.push(await timed(() => past.step(Math.floor(step / 10) % 2 === 0 ? -1 : 1)))
  }
  const { behind } = past.position.get()
  const jump = await timed(() => past.step(-Math.floor(behind / 10)))
  past.close()
  opened.close()
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), jump, load: load / 1000, ratio }
}

async function weigh(url) {
  const [{ materialize }, { openHistory }] = await Promise.all([
    import('../dist/log.js'),
    import('../dist/log-history.js'),
  ])
  const before = await usedHeap()
  let { state } = await materialize({ url })
  const rows = (await usedHeap()) - before
  if (state.typeCount === 0) throw new Error('nothing was read')
  state = undefined
  const empty = await usedHeap()
  const history = openHistory({ url, snapshots: false })
  const end = await history.end()
  const kept = (await usedHeap()) - empty
  if (end.size === 0) throw new Error('nothing was read')
  history.close()
  return kept / rows
}

async function timed(run) {
  const begin = performance.now()
  await run()
  return performance.now() - begin
}
