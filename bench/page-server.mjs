// A Durable Stream server that only reads, in a process of its own, as fast as it can be: what is measured beside it is
// the layer. Pages of a generated log; long-polls and SSE for what is fed to it while it is followed. For a browser it has
// the files of a folder too, so that all is of one origin.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { basename, extname, join } from 'node:path'
import { DurableStreamTestServer } from '@durable-streams/server'
import { LogStore, offsetOf } from './lib/log-store.mjs'
import { events, liveEvents } from './lib/logs.mjs'

/**
 * `site`: the folder served as `/site/`. `beside`: whether streams can be written to another server, for snapshots. `hosts`:
 * whether it is at every address of the loopback network, each a host of its own to a browser.
 * @type {import('./lib/logs.mjs').LogSpec & { seed?: number, site?: string, beside?: boolean, hosts?: boolean }}
 */
const spec = JSON.parse(process.argv[2] ?? '{}')
const pageSize = spec.page ?? 1000
const log = new LogStore()
const facts = generate()

function generate() {
  /** @type {Map<string, Set<string>>} */
  const present = new Map()
  let page = []
  let count = 0
  for (const event of events(spec, spec.seed)) {
    let keys = present.get(event.type)
    if (keys === undefined) present.set(event.type, (keys = new Set()))
    if (event.headers.operation === 'delete') keys.delete(event.key)
    else keys.add(event.key)
    count++
    if (page.push(JSON.stringify(event)) < pageSize) continue
    log.append(page)
    page = []
  }
  if (page.length > 0) log.append(page)
  return {
    events: count,
    bytes: log.bytes,
    rows: Object.fromEntries([...present].map(([type, keys]) => [type, keys.size])),
  }
}

// What one subject is fed is not there for the next: every path goes on by itself after the log that all share.
/** @type {Map<string, LogStore>} */
const fed = new Map()
function storeOf(path) {
  const store = fed.get(path) ?? new LogStore()
  fed.set(path, store)
  return store
}

const endOf = (path) => log.end + storeOf(path).end

function read(path, offset) {
  const from = offset === '-1' ? 0 : Number(offset)
  if (from < log.end) return log.read(offset, pageSize)
  const { bodies, to } = storeOf(path).read(offsetOf(from - log.end), pageSize)
  return { bodies, to: to + log.end }
}

/** Generates what is to be appended, in batches. */
function batchesOf({ batch = 1, ...spec }) {
  const items = [...liveEvents(spec)].map((event) => JSON.stringify(event))
  return Array.from({ length: Math.ceil(items.length / batch) }, (_, index) =>
    items.slice(index * batch, (index + 1) * batch),
  )
}

/** Appends batches, each a segment of its own: one a turn of the loop, or one every `gap` ms. */
async function feed(path, batches, gap) {
  for (const batch of batches) {
    storeOf(path).append(batch)
    await new Promise((resolve) => (gap === 0 ? setImmediate(resolve) : setTimeout(resolve, gap)))
  }
}

const respond = (response, status, offset, end, bodies) => {
  response.writeHead(status, {
    'content-type': 'application/json',
    'stream-next-offset': offsetOf(offset),
    'stream-cursor': '1',
    'cache-control': 'no-store',
    ...(offset === end && { 'stream-up-to-date': 'true' }),
  })
  if (bodies === undefined) return response.end()
  response.write('[')
  bodies.forEach((body, index) => {
    if (index > 0) response.write(',')
    response.write(body)
  })
  response.end(']')
}

async function longPoll(path, offset, response) {
  let answer = read(path, offset)
  if (answer.bodies.length === 0) {
    const { promise, stop } = storeOf(path).appended(20_000)
    response.on('close', stop)
    await promise
    answer = read(path, offset)
  }
  const end = endOf(path)
  if (answer.bodies.length === 0) respond(response, 204, end, end)
  else respond(response, 200, answer.to, end, answer.bodies)
}

/** Live connections that are open. */
const open = new Set()
// Since all connections ended last.
let requests = 0

async function sse(path, offset, response) {
  open.add(response)
  response.on('close', () => open.delete(response))
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  let at = offset === '-1' ? 0 : Number(offset)
  const store = storeOf(path)
  while (!response.destroyed && !response.writableEnded) {
    const segment = store.read(offsetOf(at - log.end), 1)
    if (segment.bodies.length === 0) {
      const { promise, stop } = store.appended(15_000)
      response.on('close', stop)
      await promise
      response.off('close', stop)
      continue
    }
    at = segment.to + log.end
    const control = JSON.stringify({ streamNextOffset: offsetOf(at), streamCursor: '1', upToDate: true })
    response.write(`event: data\ndata: [${segment.bodies.join(',')}]\n\nevent: control\ndata: ${control}\n\n`)
    if (response.writableNeedDrain) await new Promise((resolve) => response.once('drain', resolve))
  }
}

const mediaTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

async function sendFile(name, response) {
  const body = await readFile(join(spec.site ?? '', basename(name))).catch(() => undefined)
  const found = spec.site !== undefined && body !== undefined
  response.writeHead(found ? 200 : 404, { 'content-type': mediaTypes[extname(name)] ?? 'text/plain' })
  response.end(found ? body : undefined)
}

/** Ends every live connection, as servers do now and then. */
function endAll() {
  requests = 0
  for (const response of open) response.end()
}

/** Breaks every connection, and is not there for so many milliseconds. */
function restart(down) {
  const { port } = server.address()
  server.close()
  server.closeAllConnections()
  requests = 0
  setTimeout(() => server.listen(port, '127.0.0.1'), down)
}

async function handle(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench')
  if (pathname === '/facts') return response.end(JSON.stringify(facts))
  if (pathname === '/counts') return response.end(JSON.stringify({ open: open.size, requests }))
  if (pathname === '/end-all') {
    response.end()
    return endAll()
  }
  if (pathname === '/restart') {
    response.end()
    return void response.on('close', () => restart(Number(searchParams.get('down'))))
  }
  if (pathname.startsWith('/site/')) return sendFile(pathname, response)
  if (pathname.endsWith('/feed')) {
    const { gap = 0, ...spec } = Object.fromEntries(numbers(searchParams))
    const batches = batchesOf(spec)
    // The clock starts at the answer: what it took to generate them is not the reader's.
    response.end()
    return feed(pathname.slice(0, -'/feed'.length), batches, gap)
  }
  requests++
  const offset = searchParams.get('offset') ?? '-1'
  const live = searchParams.get('live')
  if (request.method === 'HEAD') return respond(response, 200, endOf(pathname), endOf(pathname))
  if (live === 'sse') return sse(pathname, offset, response)
  if (live === 'long-poll') return longPoll(pathname, offset, response)
  const { bodies, to } = read(pathname, offset)
  respond(response, 200, to, endOf(pathname), bodies)
}

const numbers = (params) => [...params].map(([name, value]) => [name, Number(value)])

const server = createServer((request, response) => void handle(request, response))
server.keepAliveTimeout = 60_000
const beside = spec.beside
  ? await new DurableStreamTestServer({ port: 0, host: '127.0.0.1' }).start()
  : undefined
server.once('listening', () => process.send?.({ url: `http://127.0.0.1:${server.address().port}`, beside }))
server.listen(0, spec.hosts ? '0.0.0.0' : '127.0.0.1')
process.on('disconnect', () => process.exit())
