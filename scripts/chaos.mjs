// Runs chaos: npm run chaos -- MINUTES SEED [--engine node|ds|ursula|ursula-cluster] [--keep] [--untimed]. Servers are
// killed and frozen under writers, readers, a compactor and a session; what they claim is held against the log
// (docs/chaos.md). `--keep` leaves what the clients saw; with `--untimed` no rule is about times: the machine is busy.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleClients } from './chaos/bundle.mjs'
import { runChaos } from './chaos/run-chaos.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'ursula-cluster' },
    keep: { type: 'boolean', default: false },
    untimed: { type: 'boolean', default: false },
  },
})
const [minutes = '1', seed = '1'] = positionals
const { engine, untimed } = values
const folder = mkdtempSync(join(tmpdir(), 'streamdb-chaos-'))
for (const name of ['clients', 'data', 'out']) mkdirSync(join(folder, name))
// Whatever ends it, disks are unmounted and processes end.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
try {
  await bundleClients(join(folder, 'clients'))
  const passed = await runChaos({ minutes: Number(minutes), seed: Number(seed), engine, untimed, folder })
  if (!passed) process.exitCode = 1
} finally {
  if (values.keep) process.stdout.write(`Kept: ${folder}\n`)
  else rmSync(folder, { recursive: true, force: true })
}
