import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { createFileBlocks } from '../src/node/index.ts'
import { createStreamStore } from '../src/index.ts'
import { buildProgram } from './build-program.ts'

test('[S6] a directory that another process uses is refused, by an error that names it, until that one has ended', async () => {
  const { directory, program } = await buildProgram(new URL('./programs/hold-store.ts', import.meta.url))
  const child = spawn(process.execPath, [program, join(directory, 'store')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const store = createStreamStore(createFileBlocks(join(directory, 'store')))
  await expect(store.open('a stream')).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringContaining(`in use by process ${child.pid}`) as unknown,
  })
  // Streams have a file of their own each.
  const other = await store.open('another stream')
  other.close()
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  const opened = await store.open('a stream')
  opened.close()
})

test.runIf(process.platform === 'linux')(
  '[S6] a thread that ended, and whose process goes on, leaves no lock behind',
  async () => {
    const { directory, program } = await buildProgram(new URL('./programs/hold-store.ts', import.meta.url))
    const worker = new Worker(program, { argv: [join(directory, 'store')], stdout: true })
    onTestFinished(() => worker.terminate().then(() => undefined))
    await once(worker.stdout, 'data')
    const store = createStreamStore(createFileBlocks(join(directory, 'store')))
    await expect(store.open('a stream')).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('in use by another thread of this process') as unknown,
    })
    await worker.terminate()
    const opened = await store.open('a stream')
    opened.close()
  },
)

test('[S2] two copies of the module in one process share a file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'streamdb-lock-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const path = new URL('../src/node/file-blocks.ts', import.meta.url).pathname
  const copy = (await import(`${path}?another`)) as { readonly createFileBlocks: typeof createFileBlocks }
  expect(copy.createFileBlocks).not.toBe(createFileBlocks)
  const first = await createFileBlocks(directory).open('a stream')
  const second = await copy.createFileBlocks(directory).open('a stream')
  await first.write({ put: [['a', 'of the first']] })
  await second.write({ put: [['b', 'of the second']] })
  expect([...(await first.list(''))].sort()).toEqual(['a', 'b'])
  first.close()
  expect(await second.list('')).toHaveLength(2)
  second.close()
  const later = await createFileBlocks(directory).open('a stream')
  expect(await later.list('')).toHaveLength(2)
  later.close()
})
