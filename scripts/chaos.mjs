// Runs chaos: npm run chaos -- MINUTES SEED [--engine node|ds|ursula|ursula-cluster] [--keep] [--untimed]. Servers are
// killed and frozen under writers, readers, a compactor and a session; what they claim is held against the log
// (docs/chaos.md). `--keep` leaves what the clients saw; with `--untimed` no rule is about times: the machine is busy.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleClients } from './chaos/bundle.mjs'
import { readChaosOptions, usage } from './chaos/options.mjs'
import { runChaos } from './chaos/run-chaos.mjs'
import { readCommand, UsageError } from './command-line.mjs'
import { whyNotInstalled } from './engines/start-engine.mjs'

const { keep, ...options } = readCommand(usage, (argv) => {
  const read = readChaosOptions(argv)
  const reason = whyNotInstalled(read.engine)
  if (reason !== undefined) throw new UsageError(reason)
  return read
})
const folder = mkdtempSync(join(tmpdir(), 'streamdb-chaos-'))
for (const name of ['clients', 'data', 'out']) mkdirSync(join(folder, name))
const leave = () => {
  if (keep) process.stdout.write(`Kept: ${folder}\n`)
  else rmSync(folder, { recursive: true, force: true })
}
// Whatever ends it, disks are unmounted and processes end; what is left of the folder goes last.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    process.once('exit', leave)
    process.exit(1)
  })
}
try {
  await bundleClients(join(folder, 'clients'))
  const passed = await runChaos({ ...options, folder })
  if (!passed) process.exitCode = 1
} finally {
  leave()
}
