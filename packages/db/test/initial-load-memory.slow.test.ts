import { runProgram } from '@streamdb/testkit'
import { expect, test } from 'vitest'

// A million: LOAD_EVENTS=1000000 npm run test:slow -- initial-load-memory
const count = Number(process.env['LOAD_EVENTS'] ?? 200_000)

test(
  `[F-size-1] ${count} updates of 1,000 rows in one response: the memory follows the rows, and not the log`,
  { timeout: 120_000 },
  async () => {
    const program = new URL('./programs/one-large-response.ts', import.meta.url)
    const stdout = await runProgram(program, { args: [String(count)], nodeArgs: ['--expose-gc'] })
    const { heaps, rows, last } = JSON.parse(stdout) as { heaps: number[]; rows: number; last: string }
    console.info(`[F-size-1] heap in use: ${heaps.map((heap) => heap.toFixed(1)).join(', ')} MB`)
    expect([rows, last]).toEqual([1000, String(count - 1000 + 7)])
    expect(heaps).toHaveLength(5)
    // The log is some 200 bytes an event as text, and more as objects: kept, the last three quarters were 30 MB and more.
    const [, quarter = 0] = heaps
    for (const heap of heaps.slice(2)) expect(heap - quarter).toBeLessThan(8)
  },
)
