// npm run costs [-- --engine NAME --events N --save]: what a stream server takes for a million events, and for a stream:
// processor time, bytes on disk and on the wire, memory. For docs/deploy.md.

import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { nameOf, numberOf, parseArgs, readCommand } from '../scripts/command-line.mjs'
import { serverNames, startServer } from './fanout/start-server.mjs'
import { machine } from './lib/machine.mjs'
import { sleep } from './lib/meter.mjs'
import { markdown } from './lib/table.mjs'
import { usageOf } from './lib/usage.mjs'

const usage = `npm run costs -- [--engine NAME ...] [--events 200000] [--save]

Engines: ${serverNames.join(', ')}; node and ds unless told. --save puts the figures into docs/deploy.md.`

const { engines, events, isSaved } = readCommand(usage, (argv) => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', multiple: true, default: ['node', 'ds'] },
      events: { type: 'string', default: '200000' },
      save: { type: 'boolean', default: false },
    },
  })
  const engines = values.engine.map((name) => nameOf('--engine', name, serverNames))
  // Of fewer, processor time is too little to be counted.
  const events = numberOf('--events', values.events, { least: 1_000, isWhole: true })
  return { engines, events, isSaved: values.save }
})
/** How many events are sent at once, and how many requests are under way. */
const [GROUP, IN_FLIGHT] = [100, 16]
/** Fewer by themselves: they take longest. */
const alone = Math.ceil(events / 40)
const streams = 1000

const names = {
  node: 'Node, files',
  'node-memory': 'Node, memory',
  ds: 'ds',
  ursula: 'Ursula, 1',
  'ursula-cluster': 'Ursula, 3',
}
const before = machine()
const found = []
for (const engine of engines) {
  process.stderr.write(`${engine} `)
  found.push({ engine, ...(await measure(engine)) })
}
const text = `${before}; ${events.toLocaleString('en')} events of ${Buffer.byteLength(eventOf(0))} bytes\n\n${tableOf(found)}\n`
process.stdout.write(`\n${text}`)
if (isSaved) {
  const document = fileURLToPath(new URL('../docs/deploy.md', import.meta.url))
  const old = readFileSync(document, 'utf8')
  writeFileSync(
    document,
    old.replace(
      /(<!-- costs -->\n)[\s\S]*?(<!-- end of costs -->)/,
      (_, begin, end) => `${begin}\n${text}\n${end}`,
    ),
  )
}

/** Measures one server: all figures are of its processes alone. */
async function measure(engine) {
  const { streamUrl, pids, dataDir, stop } = await startServer(engine)
  try {
    const idle = usageOf(pids).memory
    const single = streamUrl('single')
    await put(single)
    const one = await costOf(pids, dataDir, () => inParallel(alone, (n) => post(single, [eventOf(n)])))
    const log = streamUrl('log')
    await put(log)
    const grouped = await costOf(pids, dataDir, () =>
      inParallel(events / GROUP, (n) =>
        post(
          log,
          Array.from({ length: GROUP }, (_, index) => eventOf(n * GROUP + index)),
        ),
      ),
    )
    let pages
    const read = await costOf(pids, dataDir, async () => (pages = await readAll(log)))
    const many = await costOf(pids, dataDir, () =>
      inParallel(streams, async (n) => {
        await put(streamUrl(`stream-${n}`))
        await post(streamUrl(`stream-${n}`), [eventOf(n)])
      }),
    )
    return {
      idle,
      one: (one.cpu / alone) * 1e6,
      diskOne: (one.disk / alone) * 1e6,
      grouped: (grouped.cpu / events) * 1e6,
      disk: (grouped.disk / events) * 1e6,
      read: (read.cpu / events) * 1e6,
      wire: (pages.bytes / events) * 1e6,
      gzipped: (pages.gzipped / events) * 1e6,
      memoryStream: (many.memory / streams) * 1024,
      diskStream: many.disk / streams / 1024,
    }
  } finally {
    await stop()
  }
}

async function costOf(pids, dataDir, work) {
  const [usage, disk] = [usageOf(pids), diskUsage(dataDir)]
  await work()
  // What a server does behind its answers belongs to them.
  await sleep(1000)
  const after = usageOf(pids)
  return {
    cpu: after.cpu - usage.cpu,
    memory: after.memory - usage.memory,
    disk: diskUsage(dataDir) - disk,
  }
}

/** Runs `count` requests, some at a time, each as soon as another has ended. */
async function inParallel(count, run) {
  let next = 0
  const worker = async () => {
    while (next < count) await run(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}

/** Reads a log page by page. */
async function readAll(url) {
  let [bytes, gzipped, offset] = [0, 0, '-1']
  for (;;) {
    const response = await fetch(`${url}?offset=${offset}`)
    const body = Buffer.from(await response.arrayBuffer())
    bytes += body.byteLength
    gzipped += gzipSync(body).byteLength
    const next = response.headers.get('stream-next-offset')
    if (response.headers.has('stream-up-to-date') || next === offset || next === null)
      return { bytes, gzipped }
    offset = next
  }
}

/** Returns the bytes that a folder takes on disk: blocks, as files may have holes. */
function diskUsage(folder) {
  let total = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) total += entry.name === 'logs' ? 0 : diskUsage(path)
    else total += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512
  }
  return total
}

function eventOf(n) {
  const value = {
    id: `row-${n % 10_000}`,
    status: 'open',
    text: `some text ${n} of the length of a short message`,
  }
  return JSON.stringify({
    type: 'item',
    key: value.id,
    value,
    headers: { operation: 'upsert', txid: `tx-${n}` },
  })
}

async function put(url) {
  await send(url, { method: 'PUT' })
}

async function post(url, all) {
  await send(url, { method: 'POST', body: `[${all.join(',')}]` })
}

async function send(url, init) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { ...init, headers: { 'content-type': 'application/json' } })
    await response.arrayBuffer()
    if (response.ok) return
    // A cluster that elects a leader; and the Node server, with many streams at once, for a moment after a PUT.
    if (![404, 503].includes(response.status) || attempt === 50)
      throw new Error(`${init.method} ${url} was answered with ${response.status}`)
    await sleep(100)
  }
}

function tableOf(rows) {
  const columns = [
    ['engine', ({ engine }) => names[engine] ?? engine],
    ['memory idle, MB', ({ idle }) => show(idle)],
    ['CPU s, 1 event a request', ({ one }) => show(one)],
    [`CPU s, ${GROUP} a request`, ({ grouped }) => show(grouped)],
    ['CPU s, read once', ({ read }) => show(read)],
    ['MB on disk, 1 a request', ({ diskOne }) => show(diskOne / 1e6)],
    [`MB on disk, ${GROUP} a request`, ({ disk }) => show(disk / 1e6)],
    ['MB read, as it is / gzip', ({ wire, gzipped }) => `${show(wire / 1e6)} / ${show(gzipped / 1e6)}`],
    // Less than what the process takes and gives back meanwhile.
    ['a stream: kB of memory', ({ memoryStream }) => (memoryStream > 1 ? show(memoryStream) : 'noise')],
    ['kB on disk', ({ diskStream }) => show(diskStream)],
  ]
  // An engine a column: there are fewer of them.
  const head = ['for a million events', ...rows.map((row) => columns[0][1](row))]
  return markdown(
    head,
    columns.slice(1).map(([name, cell]) => [name, ...rows.map(cell)]),
    (column) => column > 0,
  )
}

function show(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
