<<<<<<< HEAD
import { startMeter } from '../lib/meter.mjs'
import { check } from './check.mjs'
import { firstLoad } from './first-load.mjs'
import { liveLatency } from './live.mjs'
import { queries } from './queries.mjs'

/** Ours loads its rows on demand; the others hold all of them in TanStack DB. */
const onDemand = ({ open, subject }) =>
  subject === 'ours' ? (task) => open({ ...task, syncMode: 'on-demand' }) : open

/** A first load. */
export const onDemandLoad = (task) => firstLoad({ ...task, open: onDemand(task) })

/** Follows a log under a live query. */
export const onDemandLatency = (task) => liveLatency({ ...task, open: onDemand(task) })

/** Mounts a live query over rows that are loaded: from its creation until it has its rows. */
export async function onDemandMount({ query, url, kind, ...task }) {
  const opened = onDemand(task)({ url, kind, live: true })
  await opened.load()
  const stop = startMeter()
  const result = queries[query](opened.collections)
  await result.preload()
  const cost = await stop()
  if (result.size === 0) throw new Error('the query holds no rows')
  await check(opened, url)
  opened.close()
  return { ...cost, ms: cost.wall * 1000 }
}
=======
const subjects = ['ours', 'published', 'eager']
const log = { kind: 'joined', events: 100_000 }
const quick = { log: { events: 2000 } }

/** @type {(query: string, title: string) => import('./index.mjs').Workload} */
const mount = (query, title) => ({
  name: `on-demand-${query}`,
  title: `on demand, ${title} over 100k rows: mount to rows; the floor is ours, eager`,
  run: 'mountQuery',
  log,
  params: { query, syncMode: 'on-demand' },
  quick,
  figures: [
    { name: 'mount', unit: 'ms', published: 0.1 },
    { name: 'cpu', unit: 's' },
  ],
  subjects,
})

/** Collections that are loaded on demand. @type {import('./index.mjs').Workload[]} */
export const onDemand = [
  {
    name: 'on-demand-load',
    title: 'on demand, first load of 100k rows; the floor is ours, eager',
    run: 'firstLoad',
    log: { kind: 'inserts', events: 100_000 },
    params: { syncMode: 'on-demand', weigh: true },
    quick,
    figures: [
      { name: 'cpu', unit: 's', floor: 0.35 },
      { name: 'row', unit: 'B', floor: 0.5 },
      { name: 'block', unit: 'ms' },
    ],
    subjects,
  },
  mount('selective', 'a selective query'),
  mount('window', 'an ordered window'),
  mount('textWindow', 'a window ordered by text'),
  {
    name: 'on-demand-join',
    title: 'on demand, live, a join with 1,000 rows over 100k rows; the floor is ours, eager',
    run: 'liveLatency',
    log,
    params: {
      query: 'join',
      syncMode: 'on-demand',
      feed: { count: 1000, rows: 100_000, gap: 3 },
      apart: true,
    },
    quick: {
      log: { events: 1000 },
      params: { query: 'join', syncMode: 'on-demand', feed: { count: 100, rows: 1000, gap: 1 } },
    },
    figures: [{ name: 'p50', unit: 'us', published: 0.6 }],
    subjects,
  },
]
>>>>>>> 0dd30e2 (bench, docs, examples: rows on demand)
