import { build } from 'esbuild'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { startStreamServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'

test('reads and appends in a worker, and the worker ends by itself', async () => {
  const server = await startStreamServer()
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-'))
  onTestFinished(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })
  const value = { name: 'A' }
  const url = await server.createStream(undefined, {
    items: [{ type: 'user', key: 'a', value, headers: { operation: 'insert' } }],
  })
  const outfile = join(folder, 'worker.mjs')
  const entryPoints = [fileURLToPath(new URL('./programs/worker.ts', import.meta.url))]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm' })
  const worker = new Worker(outfile, { workerData: { url } })
  const posted: unknown[] = []
  worker.on('message', (message) => posted.push(message))
  const code = await new Promise((resolve, reject) => {
    worker.once('exit', resolve)
    worker.once('error', reject)
  })
  expect(posted).toEqual([{ keys: ['a', 'b'], offset: expect.stringMatching(/^\d+(_\d+)?$/) as unknown }])
  expect(code).toBe(0)
})
