// node bench/micro.mjs [--rounds N]: what each step of the hot path costs an event, on the built files.

import { parseArgs } from 'node:util'
import { BTreeIndex, createCollection } from '@tanstack/db'
import { build } from './build.mjs'
import { definitionsOf } from './lib/definitions.mjs'
import { events } from './lib/logs.mjs'
import { machine } from './lib/machine.mjs'
import { median } from './lib/stats.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
await build()
const { decodeStateEvent, foldChange, noChanges, validateRow } = await import('./dist/state.js')
const { Ingest } = await import('./dist/ingest.js')
const { applyAtOnce, applyInChunks } = await import('./dist/apply.js')
const { createPublish } = await import('./dist/publication.js')
const { JsonItems } = await import('./dist/json-items.js')
const { eventMerger } = await import('./dist/merge-events.js')

const count = 20_000
const rows = 2000
const texts = [...events({ kind: 'updates', events: count, rows })].map((event) => JSON.stringify(event))
const page = `[${texts.join(',')}]`
const { items: definition } = definitionsOf('updates')
const parsed = () => JSON.parse(page)

const frames = Array.from({ length: Math.ceil(count / 300) }, (_, burst) =>
  texts
    .slice(burst * 300, (burst + 1) * 300)
    .map((text, index) => {
      const control = JSON.stringify({ streamNextOffset: String(1e9 + burst * 300 + index), upToDate: true })
      return `event: data\ndata: [${text}]\n\nevent: control\ndata: ${control}\n\n`
    })
    .join(''),
)

/** Each is given what `before` returns, and does its step for every event of the page. */
const steps = {
  'JSON.parse': { before: () => page, run: (text) => JSON.parse(text) },
  'JSON, in parts': { before: () => Buffer.from(page), run: parseInParts },
  'SSE merged, 300 at a time': { before: () => frames, run: (bursts) => bursts.forEach(eventMerger('0')) },
  decode: { before: parsed, run: (items) => items.forEach((item) => decodeStateEvent(item)) },
  validate: { before: parsed, run: (items) => items.forEach((item) => validateRow(item, definition)) },
  fold: {
    before: parsed,
    run: (items) => {
      const changes = noChanges()
      for (const item of items) foldChange(changes, item, item.value)
    },
  },
  'ingest (all three)': {
    before: () => ({ items: parsed(), ingest: newIngest() }),
    run: ({ items, ingest }) => ingest.ingest(batchOf(items)),
  },
  'apply, of 2,000 rows': {
    before: prepareApply(parsed),
    events: rows,
    run: ({ changes, collections, publish }) => applyAtOnce(changes, collections, publish),
  },
  'apply in chunks, of 2,000 rows': {
    before: prepareApply(parsed),
    events: rows,
    run: ({ changes, collections }) => Array.from(applyInChunks(changes, collections)),
  },
  'apply, of one row': {
    before: prepareApply(() => parsed().slice(0, 1)),
    events: 1,
    run: ({ changes, collections, publish }) => applyAtOnce(changes, collections, publish),
  },
}

/** As it comes from a socket. */
function parseInParts(bytes) {
  const body = new JsonItems()
  for (let at = 0; at < bytes.length; at += 65_536) body.push(bytes.subarray(at, at + 65_536))
  body.finish()
}

function batchOf(items) {
  return { items, first: 0, from: '-1', offset: '1', complete: true }
}

function newIngest() {
  const none = () => undefined
  return new Ingest({
    state: { items: definition },
    observers: { event: none },
    invalidEvents: { add: none },
    unknownTypes: { count: none },
    upgrade: { version: 1 },
    newerVersions: { note: none },
  })
}

function prepareApply(items) {
  return () => {
    const ingest = newIngest()
    ingest.ingest(batchOf(items()))
    const collections = new Map()
    const collection = createCollection({
      getKey: (row) => row.id,
      autoIndex: 'eager',
      defaultIndexType: BTreeIndex,
      sync: {
        rowUpdateMode: 'full',
        sync: (writer) => void collections.set(definition.type, { collection, writer }),
      },
    })
    collection.startSyncImmediate()
    return { changes: ingest.takeChanges(), collections, publish: createPublish() }
  }
}

process.stdout.write(`${machine()}; medians of ${values.rounds} rounds\n\n`)
for (const [name, { before, run, events: of = count }] of Object.entries(steps)) {
  const times = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const given = before()
    const began = performance.now()
    run(given)
    times.push(((performance.now() - began) * 1000) / of)
  }
  process.stdout.write(`${name.padEnd(32)} ${median(times).toFixed(3).padStart(9)} us an event\n`)
}
