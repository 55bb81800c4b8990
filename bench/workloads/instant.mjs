/** @typedef {import('./index.mjs').Workload} Workload */

/**
 * What offline-sync-bench (github.com/bkniffler/offline-sync-bench, RESULTS.md of its commit 1623c5d) publishes of other
 * stacks, on its own machine, with its own rows: figures of theirs, not of ours.
 */
const others = {
  bootstrap1k: 'Syncular 30.6 ms, Replicache 37.6, Electric 43.2, Zero 113, LiveStore 488, PowerSync 5,212',
  bootstrap10k: 'Electric 68.9 ms, Syncular 113, Replicache 116, Zero 469, LiveStore 2,539, PowerSync 5,512',
  bootstrap100k: 'Electric 420 ms, Syncular 853, Replicache 1,073, Zero 4,070, PowerSync 8,158',
  p50: 'Electric 5.26 ms, Syncular 15.5, Replicache 31.8, Zero 41.6, LiveStore 218, PowerSync 995',
  p95: 'Electric 12.7 ms, Syncular 19.5, Replicache 49.6, Zero 152, PowerSync 1,015, LiveStore 1,162',
  reconnect: 'of 25 clients: Electric 44.8 ms, Replicache 78.1, Syncular 251',
  queue: 'Replicache 1.36 s, Syncular 3.81, PowerSync 8.02',
}

/** @type {(rows: number, title: string, published: string) => Workload} */
const bootstrap = (rows, title, published) => ({
  name: `bootstrap-${title}`,
  title: `offline-sync-bench: bootstrap of ${title} rows`,
  run: 'firstLoad',
  log: { kind: 'inserts', events: rows },
  quick: { log: { events: rows / 100 } },
  figures: [
    { name: 'ms', unit: 'ms', published: 1, others: published },
    { name: 'cpu', unit: 's' },
  ],
  subjects: ['ours', 'published'],
})

/** @type {(name: string, title: string, query: string, more?: object) => Workload} */
const mounted = (name, title, query, more) => ({
  name: `demand-${name}`,
  title: `on demand, ${title} over 100k rows: from mount to rows`,
  run: 'onDemandMount',
  log: { kind: 'inserts', events: 100_000 },
  params: { query },
  quick: { log: { events: 10_000 }, params: { query } },
  figures: [
    { name: 'ms', unit: 'ms', published: 0.1 },
    { name: 'cpu', unit: 's' },
    // Alike, for other rows: what the first one of a process costs beside it is paid.
    ...(more?.params?.next
      ? [
          { name: 'next', unit: 'ms' },
          { name: 'next cpu', unit: 'ms' },
        ]
      : []),
  ],
  subjects: ['ours', 'published'],
  ...more,
})

/** What starting instantly, working offline and sharing a connection cost. @type {Workload[]} */
export const instantWorkloads = [
  {
    name: 'stored-start',
    runs: 1,
    title: 'start with 100k rows stored; the others: replay of the 1M events that made them',
    run: 'storedStart',
    prepare: 'fill',
    log: { kind: 'updates', events: 1_000_000, rows: 100_000 },
    quick: { log: { events: 5000, rows: 500 } },
    figures: [
      { name: 'wall', unit: 's', published: 0.1 },
      { name: 'cpu', unit: 's' },
      { name: 'block', unit: 'ms' },
    ],
    subjects: ['ours', 'published', 'without'],
  },
  {
    name: 'snapshot-start',
    runs: 1,
    title: 'start from a snapshot of 10k rows; the others: from the 1M events',
    run: 'snapshotStart',
    prepare: 'compact',
    log: { kind: 'updates', events: 1_000_000, rows: 10_000, beside: true },
    quick: { log: { events: 5000, rows: 50 } },
    figures: [
      { name: 'bytes', unit: 'MB', published: 0.05 },
      { name: 'wall', unit: 's', published: 0.1 },
      { name: 'cpu', unit: 's' },
    ],
    subjects: ['ours', 'published', 'without'],
  },
  {
    name: 'stored-load',
    title: 'first load of 100k rows into a store; without: into none',
    run: 'storedLoad',
    log: { kind: 'inserts', events: 100_000 },
    quick: { log: { events: 2000 } },
    figures: [
      { name: 'cpu', unit: 's', without: 1.2 },
      { name: 'wall', unit: 's' },
      { name: 'block', unit: 'ms' },
    ],
    subjects: ['ours', 'without'],
  },
  {
    name: 'stored-live',
    runs: 2,
    title: '2,000 live events, one every 3 ms, into a store of 100k rows; without: into none',
    run: 'storedRate',
    log: { kind: 'inserts', events: 100_000 },
    params: { query: 'filter', feed: { count: 2000, rows: 100_000, gap: 3 } },
    quick: { log: { events: 1000 }, params: { query: 'filter', feed: { count: 100, rows: 1000, gap: 1 } } },
    figures: [
      { name: 'cpu', unit: 's', without: 1.5 },
      { name: 'block', unit: 'ms', most: 16.7 },
    ],
    subjects: ['ours', 'without'],
  },
  {
    name: 'demand-load',
    title: 'first load of 100k rows on demand; without: all of them into TanStack DB; the floor: Maps alone',
    run: 'onDemandLoad',
    log: { kind: 'inserts', events: 100_000 },
    params: { weigh: true },
    quick: { log: { events: 2000 } },
    figures: [
      { name: 'cpu', unit: 's', published: 0.35 },
      { name: 'wall', unit: 's' },
      { name: 'row', unit: 'B', without: 0.5 },
    ],
    subjects: ['ours', 'published', 'without', 'maps'],
  },
  mounted('filter', 'a selective filter; the floor: TanStack DB with nothing but its rows,', 'one', {
    params: { query: 'one', next: 'another' },
    quick: { log: { events: 10_000 }, params: { query: 'one', next: 'another' } },
    subjects: ['ours', 'published', 'needed'],
  }),
  mounted('window', 'orderBy().limit(20)', 'window', { runs: 1 }),
  {
    name: 'demand-join',
    runs: 2,
    title:
      'live on demand, a join with 1,000 rows over 100k rows: arrival to callback; without: all of them in TanStack DB',
    run: 'onDemandLatency',
    log: { kind: 'joined', events: 100_000 },
    params: { query: 'join', feed: { count: 1000, rows: 100_000, gap: 3 }, apart: true },
    quick: { log: { events: 1000 }, params: { query: 'join', feed: { count: 100, rows: 1000, gap: 1 } } },
    figures: [
      { name: 'p50', unit: 'us', published: 0.6 },
      { name: 'p99', unit: 'us' },
    ],
    subjects: ['ours', 'published', 'without'],
  },
  {
    name: 'outbox',
    title: '1,000 writes queued offline, then sent',
    run: 'outbox',
    server: 'stream',
    params: { count: 1000 },
    quick: { params: { count: 50 } },
    figures: [
      { name: 'wall', unit: 's', most: 1, others: others.queue },
      { name: 'doubled', unit: 'writes', most: 0 },
      { name: 'lost', unit: 'writes', most: 0 },
    ],
    subjects: ['ours'],
  },
  {
    name: 'reconnect',
    title: '500 clients whose live connections the server ends at once, until all are live',
    run: 'reconnect',
    log: { kind: 'inserts', events: 200 },
    params: { clients: 500 },
    quick: { params: { clients: 20 } },
    figures: [
      { name: 'wall', unit: 's', published: 1, others: others.reconnect },
      { name: 'cpu', unit: 's' },
      { name: 'requests', unit: 'a client', most: 3 },
    ],
    subjects: ['ours', 'published'],
  },
  {
    name: 'restart',
    title: '500 clients of a server that dies, and is back after 0.3 s, until all are live',
    run: 'reconnect',
    log: { kind: 'inserts', events: 200 },
    params: { clients: 500, down: 300 },
    quick: { params: { clients: 20, down: 100 } },
    figures: [
      { name: 'wall', unit: 's' },
      { name: 'requests', unit: 'a client', most: 3 },
    ],
    // The published layer does not come back: "Stream consumer closed unexpectedly".
    subjects: ['ours'],
  },
  bootstrap(1000, '1k', others.bootstrap1k),
  bootstrap(10_000, '10k', others.bootstrap10k),
  bootstrap(100_000, '100k', others.bootstrap100k),
  {
    name: 'propagation',
    title: 'offline-sync-bench: from a write of one client to its row at another',
    run: 'propagation',
    server: 'stream',
    params: { count: 300 },
    quick: { params: { count: 20 } },
    figures: [
      { name: 'p50', unit: 'ms', published: 1, others: others.p50 },
      { name: 'p95', unit: 'ms', published: 1, others: others.p95 },
    ],
    subjects: ['ours', 'published'],
  },
]
