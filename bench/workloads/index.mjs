import { existsSync } from 'node:fs'
import { historyFile } from '../lib/logs.mjs'
import { instantWorkloads } from './instant.mjs'
import { sessionWorkloads } from './session-rows.mjs'

/**
 * A figure of a workload. `published`, `floor` and `without`: how large ours may be, as a share of theirs; where more is
 * better (`atLeast`), how small. `most`: how large it may be. `others`: what somebody else publishes of other stacks.
 * @typedef {{ name: string, unit: string, published?: number, floor?: number, without?: number, most?: number,
 *   others?: string, atLeast?: boolean }} Figure
 *
 * One row of the table. `quick` replaces sizes. `prepare` runs once before, in a process of its own. `runs`: how often
 * it is measured at most beside other layers, where that takes long.
 * @typedef {{ name: string, title: string, run: string, prepare?: string, runs?: number, params?: object,
 *   log?: import('../lib/logs.mjs').LogSpec & { beside?: boolean }, quick: { log?: object, params?: object },
 *   figures: Figure[], server?: 'page' | 'stream', subjects?: string[] }} Workload
 */

const all = ['ours', 'published', 'floor']
const layers = ['ours', 'published']

const load = ({ cpu = {}, memory = {}, block = {} }) => [
  { name: 'cpu', unit: 's', ...cpu },
  { name: 'wall', unit: 's' },
  { name: 'memory', unit: 'MB', ...memory },
  { name: 'block', unit: 'ms', ...block },
]
const first = (name, title, log, quickLog, figures, params = {}) => ({
  name,
  title: `first load, ${title}`,
  run: 'firstLoad',
  log,
  params,
  quick: { log: quickLog },
  figures,
  subjects: all,
})

/** @type {(name: string, title: string, published: number, count?: number, runs?: number) => Workload} */
const latency = (query, title, published, count = 1000, runs) => ({
  name: `live-${query}`,
  runs,
  title: `live, ${title} over 100k rows: arrival to callback`,
  run: 'liveLatency',
  log: { kind: 'joined', events: 100_000 },
  params: { query, feed: { count, rows: 100_000, gap: 3 }, apart: true },
  quick: { log: { events: 1000 }, params: { query, feed: { count: 100, rows: 1000, gap: 1 } } },
  figures: [
    { name: 'p50', unit: 'us', published },
    { name: 'p99', unit: 'us', published },
  ],
  subjects: all,
})

/** @type {(name: string, title: string, batch: number, count: number) => Workload} */
const rate = (name, title, batch, count) => ({
  name,
  title: `live, ${title}, under a filter over 10k rows`,
  run: 'liveRate',
  log: { kind: 'inserts', events: 10_000 },
  params: { query: 'filter', feed: { count, rows: 10_000, batch } },
  quick: { log: { events: 500 }, params: { query: 'filter', feed: { count: batch * 5, rows: 500, batch } } },
  figures: [
    { name: 'rate', unit: '/s', published: 1.3, atLeast: true },
    { name: 'cpu', unit: 's' },
  ],
  subjects: all,
})

/** @type {Workload[]} */
export const workloads = [
  first(
    'inserts',
    '100k inserts of distinct keys',
    { kind: 'inserts', events: 100_000 },
    { events: 2000 },
    load({ cpu: { published: 0.95, floor: 1.25 }, block: { published: 0.4 } }),
  ),
  first(
    'updates',
    '100k events over 10k keys',
    { kind: 'updates', events: 100_000, rows: 10_000 },
    { events: 2000, rows: 200 },
    load({ cpu: { published: 0.45, floor: 1.25 }, block: { published: 0.4 } }),
  ),
  first(
    'mixed',
    '100k mixed events, 4 types with deletes',
    { kind: 'mixed', events: 100_000, rows: 60_000 },
    { events: 2000, rows: 1200 },
    load({ cpu: { published: 0.7, floor: 1.3 }, block: { published: 0.4 } }),
  ),
  {
    ...first(
      'replay',
      '1M events that end in 100k rows',
      { kind: 'updates', events: 1_000_000, rows: 100_000 },
      { events: 5000, rows: 500 },
      load({ cpu: { published: 0.3, floor: 1.3 }, memory: { published: 0.6 } }),
    ),
    runs: 2,
  },
  {
    ...first(
      'hot-keys',
      '1M updates over 1,000 keys',
      { kind: 'updates', events: 1_000_000, rows: 1000 },
      { events: 5000, rows: 50 },
      load({ cpu: { published: 0.25, floor: 1.3 }, memory: { published: 0.2 } }),
    ),
    runs: 2,
  },
  first(
    'window-load',
    '40k rows under orderBy().limit(20)',
    { kind: 'inserts', events: 40_000 },
    { events: 1000 },
    load({ cpu: { published: 0.2 } }),
    { query: 'window' },
  ),
  // What the one before is without its query: no window can be had for less while its rows go into TanStack.
  first(
    'plain-load',
    '40k rows, and no query',
    { kind: 'inserts', events: 40_000 },
    { events: 1000 },
    load({}),
  ),
  ...(existsSync(historyFile)
    ? [
        first(
          'history',
          'the history of a git repository, 3 types',
          { kind: 'history' },
          { events: 2000 },
          load({}),
        ),
      ]
    : []),
  {
    ...first(
      'validation',
      '100k events over 10k keys; the floor is ours without a schema',
      { kind: 'updates', events: 100_000, rows: 10_000 },
      { events: 2000, rows: 200 },
      [{ name: 'cpu', unit: 's', floor: 1.15 }],
    ),
    subjects: ['ours', 'unvalidated'],
  },
  latency('filter', 'a filter', 1),
  latency('join', 'a join with 1,000 rows', 0.6),
  latency('group', 'a group', 1),
  // Without an index, as the published layer has it, each event takes a tenth of a second.
  latency('window', 'orderBy().limit(20)', 0.6, 200, 1),
  rate('live-singles', 'batches of one event', 1, 10_000),
  rate('live-batches', 'batches of 100', 100, 200_000),
  {
    name: 'tokens',
    title: '10,000 updates of one row under a live query on it',
    run: 'liveRate',
    log: { kind: 'inserts', events: 1000 },
    params: { query: 'row', feed: { count: 10_000, rows: 1, token: 1 } },
    quick: { log: { events: 100 }, params: { query: 'row', feed: { count: 200, rows: 1, token: 1 } } },
    figures: [
      { name: 'cpu', unit: 's', published: 0.5 },
      { name: 'wall', unit: 's' },
      { name: 'memory', unit: 'MB' },
    ],
    subjects: all,
  },
  {
    name: 'action',
    title: 'an action confirmed, one at a time',
    run: 'actions',
    server: 'stream',
    params: { count: 300, inFlight: 1 },
    quick: { params: { count: 20, inFlight: 1 } },
    figures: [
      { name: 'p50', unit: 'ms', published: 1.1 },
      { name: 'p99', unit: 'ms' },
    ],
    subjects: layers,
  },
  {
    name: 'actions',
    title: 'actions confirmed, 100 in flight',
    run: 'actions',
    server: 'stream',
    params: { count: 5000, inFlight: 100 },
    quick: { params: { count: 200, inFlight: 100 } },
    figures: [
      { name: 'rate', unit: '/s', published: 4, atLeast: true },
      { name: 'p50', unit: 'ms' },
    ],
    subjects: layers,
  },
  {
    ...first(
      'row-memory',
      'the heap that a row takes, of 100k',
      { kind: 'inserts', events: 100_000 },
      { events: 2000 },
      [{ name: 'row', unit: 'B', published: 1 }],
      { weigh: true },
    ),
  },
  {
    name: 'txid-memory',
    title: 'the heap that a transaction id takes, of 200k',
    run: 'txidMemory',
    log: { kind: 'inserts', events: 100 },
    params: { feed: { count: 200_000, rows: 100, batch: 500, txids: 1 } },
    quick: { params: { feed: { count: 2000, rows: 100, batch: 500, txids: 1 } } },
    figures: [{ name: 'txid', unit: 'B', published: 1 }],
    subjects: all,
  },
  {
    name: 'past',
    runs: 1,
    title:
      'db.at over 300k events that end in 100k rows, under a filter: a step, and a jump over a tenth of them',
    run: 'historySteps',
    log: { kind: 'updates', events: 300_000, rows: 100_000 },
    params: { steps: 500 },
    quick: { log: { events: 3000, rows: 500 }, params: { steps: 50 } },
    figures: [
      { name: 'p50', unit: 'ms' },
      // A frame.
      { name: 'p99', unit: 'ms', most: 16 },
      { name: 'jump', unit: 'ms' },
      { name: 'load', unit: 's' },
      { name: 'ratio', unit: 'x' },
    ],
    subjects: ['ours'],
  },
  ...instantWorkloads,
  ...sessionWorkloads,
]
