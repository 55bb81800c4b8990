import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawing } from '../lib/svg.mjs'
import { markdown } from '../lib/table.mjs'

const path = (name) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url))

/**
 * How engines are named and drawn; one without a colour is in the table alone.
 * @type {Record<string, { name: string, short?: string, colour?: string, mark?: import('../lib/svg.mjs').Mark }>}
 */
const looks = {
  node: { name: 'Node, files' },
  'node-memory': { name: 'Node, memory', short: 'Node', colour: '#c2410c', mark: 'square' },
  ds: { name: 'ds', colour: '#0a7d4b', mark: 'dot' },
  ursula: { name: 'Ursula', colour: '#1d4ed8', mark: 'triangle' },
  'ursula-cluster': { name: 'Ursula, 3', colour: '#7e22ce', mark: 'diamond' },
}

const kinds = { log: 'log', db: 'database', fetch: 'plain fetch' }

const columns = [
  ['engine', ({ engine }) => looks[engine]?.name ?? engine],
  ['reader', ({ kind }) => kinds[kind]],
  ['readers', ({ readers }) => readers.toLocaleString('en')],
  ['events/s', ({ rate }) => show(rate)],
  ['p50 ms', ({ p50 }) => show(p50)],
  ['p99 ms', ({ p99 }) => show(p99)],
  [
    'missing',
    ({ missing, expected }) => `${missing.toLocaleString('en')} of ${expected.toLocaleString('en')}`,
  ],
  ['breaks', ({ breaks }) => String(breaks)],
  ['client us/delivery', ({ clientCpu }) => show(clientCpu)],
  ['server us/delivery', ({ serverCpu }) => show(serverCpu)],
  ['client kB/reader', ({ clientMemory, readers }) => (readers < 1000 ? '' : show(clientMemory))],
  ['server kB/reader', ({ serverMemory, readers }) => (readers < 1000 ? '' : show(serverMemory))],
  ['idle, client / server', ({ clientIdle, serverIdle }) => idle(clientIdle, serverIdle)],
  ['opening s', ({ opening }) => show(opening)],
  ['cores', ({ busy }) => show(busy)],
  // Of the machine in the minute before, other work included.
  ['load', ({ machine }) => /load (\S+)/.exec(machine ?? '')?.[1] ?? ''],
]

/** Returns what was found as a Markdown table. */
export function tableOf(found) {
  const used = columns.filter(
    ([name]) => name !== 'idle, client / server' || found.some((row) => row.clientIdle !== undefined),
  )
  const lines = found.map((row) =>
    used.map(([, cell], column) => {
      if (row.failed === undefined || column < 3) return cell(row)
      return column === 3 ? `failed: ${row.failed}` : ''
    }),
  )
  const head = used.map(([name]) => name)
  return markdown(head, lines, (column) => column > 1)
}

/** Puts what was found in the place of what was known of the same engines: in the document, the plot and the figures. */
export function save(machine, found) {
  const file = path('fanout.md.json')
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).found : []
  const same = (one, other) =>
    one.engine === other.engine && one.kind === other.kind && one.readers === other.readers
  const order = Object.keys(looks)
  const all = [
    ...known.filter((row) => !found.some((other) => same(row, other))),
    ...found.map((row) => ({ ...row, machine })),
  ].sort(
    (one, other) =>
      order.indexOf(one.engine) - order.indexOf(other.engine) ||
      Object.keys(kinds).indexOf(one.kind) - Object.keys(kinds).indexOf(other.kind) ||
      one.readers - other.readers,
  )
  writeFileSync(file, `${JSON.stringify({ found: all }, null, 2)}\n`)
  writeFileSync(path('fanout.svg'), plotOf(all))
  const document = path('fanout.md')
  const text = readFileSync(document, 'utf8')
  writeFileSync(
    document,
    text.replace(
      /(<!-- figures -->\n)[\s\S]*?(<!-- end of figures -->)/,
      (_, begin, end) => `${begin}\n${machine}\n\n${tableOf(all)}\n\n${end}`,
    ),
  )
}

function plotOf(all) {
  const logs = all.filter(({ kind, failed }) => kind === 'log' && failed === undefined)
  const engines = Object.keys(looks).filter(
    (engine) => looks[engine].colour !== undefined && logs.some((row) => row.engine === engine),
  )
  const plot = (title, y, unit, value, least = 1) => ({
    title,
    x: 'readers of one stream',
    y,
    unit,
    series: engines.map((engine) => ({
      ...looks[engine],
      name: looks[engine].short ?? looks[engine].name,
      points: logs
        .filter((row) => row.engine === engine && row.readers >= least && value(row) > 0)
        .map((row) => [row.readers, value(row)]),
    })),
  })
  return drawing(
    'Fan-out: delivery, processor time and memory by the number of readers',
    [
      plot('Delivery, half of all', 'p50, milliseconds', 'ms', ({ p50 }) => p50),
      plot('Delivery, all but one in a hundred', 'p99, milliseconds', 'ms', ({ p99 }) => p99),
      plot('Server: processor time a delivery', 'microseconds', 'us', ({ serverCpu }) => serverCpu, 100),
      plot('Server: memory a reader', 'kilobytes', 'kB', ({ serverMemory }) => serverMemory, 1000),
    ],
    'Both axes are logarithmic; the machine, its load and what is missing are in the table',
  )
}

const idle = (client, server) => (client === undefined ? '' : `${show(client)} / ${show(server)}`)

function show(value) {
  if (!Number.isFinite(value)) return ''
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
