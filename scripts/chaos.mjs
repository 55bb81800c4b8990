// Runs chaos: npm run chaos -- MINUTES SEED [--engine node|ds|ursula|ursula-cluster] [--keep]. Servers are killed and
// frozen under writers, readers, a compactor and a session; what they claim is held against the log (docs/chaos.md).

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleClients } from './chaos/bundle.mjs'
import { runChaos } from './chaos/run-chaos.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: 'string', default: 'ursula-cluster' }, keep: { type: 'boolean', default: false } },
})
const [minutes = '1', seed = '1'] = positionals
const folder = mkdtempSync(join(tmpdir(), 'streamdb-chaos-'))
for (const name of ['clients', 'data', 'out']) mkdirSync(join(folder, name))
try {
  await bundleClients(join(folder, 'clients'))
  const passed = await runChaos({ minutes: Number(minutes), seed: Number(seed), engine: values.engine, folder })
  if (!passed) process.exitCode = 1
} finally {
  if (values.keep) process.stdout.write(`Kept: ${folder}\n`)
  else rmSync(folder, { recursive: true, force: true })
}
