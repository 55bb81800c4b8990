// The long run: npm run fuzz:gateway -- [MINUTES] [SEED]. It prints figures, and ends with 1 where it has found a fault.

import { fuzz } from './fuzz.ts'
import type { Tally } from './fuzz.ts'
import { startUnderAttack } from './under-attack.ts'

const [minutes = 5, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number)
const mebibyte = 1024 * 1024
/** What the heap may grow by from the first tenth of the run to its end, in MiB. */
const allowedGrowth = 16
const start = performance.now()
const end = start + minutes * 60_000
const heaps: number[] = []
let nextLook = start

const target = await startUnderAttack()
const result = await fuzz(target, seed, (tally) => {
  if (performance.now() >= nextLook) {
    nextLook += (minutes * 60_000) / 20
    look(tally)
  }
  return performance.now() < end
})
look(result)
await target.stop()

const warm = heaps[2] ?? heaps.at(-1) ?? 0
const growth = (heaps.at(-1) ?? 0) - warm
print(
  `answers     ${[...result.statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status || 'none'}: ${times}`)
    .join('  ')}`,
)
print(`growth      ${growth.toFixed(1)} MiB of heap since the first tenth`)
for (const fault of result.faults) print(fault)
print(result.faults.length === 0 ? 'no fault' : `${result.faults.length} faults`)
process.exit(result.faults.length > 0 || growth > allowedGrowth ? 1 : 0)

function look({ rounds, attacks, stored }: Tally): void {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  heaps.push(heapUsed / mebibyte)
  if (heaps.length === 1)
    print(`seed ${seed}, ${minutes} minutes\nseconds  rounds  attacks  events in  heap MiB  rss MiB`)
  const seconds = Math.round((performance.now() - start) / 1000)
  const columns = [
    seconds,
    rounds,
    attacks,
    stored,
    (heapUsed / mebibyte).toFixed(1),
    (rss / mebibyte).toFixed(0),
  ]
  print(columns.map((column, index) => String(column).padStart([7, 7, 8, 10, 9, 8][index] ?? 0)).join(' '))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
