import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'

// A million: FIRST_LOAD_EVENTS=1000000 npx vitest run --project db first-load-memory
const count = Number(process.env['FIRST_LOAD_EVENTS'] ?? 200_000)

test(
  `[F-size-1] ${count} updates of 1,000 rows in one response: the memory follows the rows, and not the log`,
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streamdb-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const outfile = join(folder, 'fold-a-log.mjs')
    const entry = fileURLToPath(new URL('./fold-a-log.ts', import.meta.url))
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' })
    const run = await promisify(execFile)(process.execPath, ['--expose-gc', outfile, String(count)])
    const { heaps, rows, last } = JSON.parse(run.stdout) as { heaps: number[]; rows: number; last: string }
    console.info(`[F-size-1] heap in use: ${heaps.map((heap) => heap.toFixed(1)).join(', ')} MB`)
    expect([rows, last]).toEqual([1000, String(count - 1000 + 7)])
    expect(heaps).toHaveLength(5)
    // The log is some 200 bytes an event as text, and more as objects: kept, the last three quarters were 30 MB and more.
    const [, quarter = 0] = heaps
    for (const heap of heaps.slice(2)) expect(heap - quarter).toBeLessThan(8)
  },
)
