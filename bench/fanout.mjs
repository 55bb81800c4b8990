// npm run fanout [-- --engine NAME --readers 1,100,1000,10000 --seconds N --idle N --rate N --save | --quick]: one stream
// and many readers. How long a delivery takes, what a reader costs in its process and on the server, and what is missing.

import { nameOf, numberOf, parseArgs, readCommand } from '../scripts/command-line.mjs'
import { build } from './build.mjs'
import { cellsOf } from './fanout/cells.mjs'
import { measureFanout } from './fanout/measure.mjs'
import { save, tableOf } from './fanout/report.mjs'
import { serverNames, startServer } from './fanout/start-server.mjs'
import { machine } from './lib/machine.mjs'
import { fileLimit } from './lib/usage.mjs'

const usage = `npm run fanout -- [--engine NAME ...] [--readers 1,100,1000,10000] [--kind log|db|fetch ...] [--seconds 10]
  [--rate EVENTS_A_SECOND] [--idle SECONDS] [--live sse|long-poll] [--save | --quick]

Engines: ${serverNames.join(', ')}. --save puts the figures into docs/fanout.md. See docs/fanout.md.`

const { values, cells, how } = readCommand(usage, (argv) => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', multiple: true, default: ['node'] },
      readers: { type: 'string', default: '1,100,1000,10000' },
      seconds: { type: 'string', default: '10' },
      idle: { type: 'string', default: '0' },
      rate: { type: 'string' },
      kind: { type: 'string', multiple: true },
      live: { type: 'string' },
      save: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  })
  for (const name of values.engine) nameOf('--engine', name, serverNames)
  for (const name of values.kind ?? []) nameOf('--kind', name, ['log', 'db', 'fetch'])
  if (values.live !== undefined) nameOf('--live', values.live, ['sse', 'long-poll'])
  const numbers = values.readers
    .split(',')
    .map((each) => numberOf('--readers', each, { least: 1, isWhole: true }))
  const cells = cellsOf({
    engines: values.engine,
    readers: values.quick ? [20] : numbers,
    kinds: values.quick ? ['log'] : values.kind,
  })
  const how = {
    seconds: values.quick ? 0.5 : numberOf('--seconds', values.seconds, { least: 0.1 }),
    idle: values.quick ? 0 : numberOf('--idle', values.idle),
    live: values.live ?? true,
    ...(values.rate !== undefined && { rate: numberOf('--rate', values.rate, { least: 0.01 }) }),
  }
  return { values, cells, how }
})
const limit = fileLimit()
const most = Math.max(...cells.map(({ readers }) => readers))
if (most > limit * 0.9)
  process.stderr.write(
    `${most} readers need about as many open files on the server; the limit is ${limit} (ulimit -n).\n`,
  )

await build()
const before = `${machine()}, ${limit} open files`
const found = []
for (const cell of cells) {
  process.stderr.write(`${cell.engine} ${cell.kind} ${cell.readers} `)
  try {
    found.push({ ...cell, ...(await measureCell(cell)) })
    if (values.quick && found.at(-1).missing > 0) throw new Error('deliveries are missing')
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error)
    found.push({ ...cell, failed })
    process.stderr.write(`FAILED: ${failed}\n`)
    process.exitCode = 1
  }
}
process.stderr.write('\n')
process.stdout.write(`${before}\n\n${tableOf(found)}\n`)
if (values.save) save(before, found)

/** Measures with a server of its own: what one has needed before is not told from what it needs. */
async function measureCell({ engine, kind, readers }) {
  // A reader takes two open files of a gateway.
  const server = await startServer(engine, { gateways: Math.ceil((readers * 2) / (limit * 0.5)) })
  try {
    return await measureFanout({
      urls: server.streamUrls('fanout'),
      pids: server.pids,
      kind,
      readers,
      // About as many deliveries a second whatever the number of readers, for it is these that cost.
      rate: Math.min(20, 5000 / readers),
      ...how,
    })
  } finally {
    await server.stop()
  }
}
