import { scratchFolder } from '@streamdb/example-shared/testing'
import { compactStream } from '@streamdb/server'
import { itemsOf, startStreamServer } from '@streamdb/testkit'
import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { StreamServer } from '@streamdb/testkit'
import { openStream } from '../server/stream-name.mjs'
import { state } from '../src/state.ts'
import { Fenced, FencedWriter, openSender } from '../worker/fenced-writer.ts'
import { copyRows } from '../worker/copy-rows.ts'
import { runKeeper } from '../worker/keeper.ts'
import { runWorker } from '../worker/worker.ts'
import { JobStream, newJob } from './job-stream.ts'

let server: StreamServer
beforeAll(async () => void (server = await startStreamServer()))
afterAll(async () => server.stop())

/** A stream with a keeper and workers, and a folder on which they may work: two text files and an archive. */
async function open({ workers = ['ada'], pace = 0 } = {}) {
  const root = scratchFolder()
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  writeFileSync(join(root, 'src/a.ts'), 'const one = 1\nconst two = one\n')
  writeFileSync(join(root, 'src/deep/b.ts'), 'export { one }\n')
  const output = scratchFolder()
  const stream = new JobStream(await server.createStream())
  const ending = new AbortController()
  setMaxListeners(30, ending.signal) // Every part listens to it.
  const access = { url: stream.url, fetch, output, signal: ending.signal }
  const running = [
    runKeeper({ ...access, lease: 10_000, keep: 50, minEvents: 1_000 }),
    ...workers.map(async (id) => runWorker({ ...access, id, roots: [root], pace, beat: 500 })),
  ]
  onTestFinished(async () => {
    ending.abort()
    await Promise.allSettled(running)
  })
  return { stream, root, output }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('[J1] each kind of job does its work, whichever worker claims it, once', async () => {
  const { stream, root, output } = await open({ workers: ['ada', 'grace', 'alan'] })
  await stream.start(
    ...[
      { id: 'hash', kind: 'hash', path: 'src' } as const,
      { id: 'words', path: 'src' },
      { id: 'gzip', kind: 'compress', path: 'src/a.ts', format: 'gzip' } as const,
      { id: 'brotli', kind: 'compress', path: join(root, 'src/a.ts'), format: 'brotli' } as const,
    ],
  )
  const [hash, words, gzip, brotli] = await Promise.all(
    ['hash', 'words', 'gzip', 'brotli'].map(async (id) => stream.job(id, (job) => job.state === 'done')),
  )
  const a = readFileSync(join(root, 'src/a.ts'), 'utf8')
  const lines = `${sha256(a)}  a.ts\n${sha256('export { one }\n')}  deep/b.ts\n`
  expect(hash?.result).toMatchObject({ sha256: sha256(lines), files: 2, bytes: a.length + 15 })
  expect(readFileSync(join(output, hash?.output ?? ''), 'utf8')).toBe(lines)
  expect(words?.result).toEqual({
    ...{ kind: 'words', files: 2, lines: 3, words: 7, distinct: 4 },
    top: [
      { word: 'one', times: 3 },
      { word: 'const', times: 2 },
      { word: 'export', times: 1 },
      { word: 'two', times: 1 },
    ],
  })
  expect(gunzipSync(readFileSync(join(output, gzip?.output ?? ''))).toString()).toBe(a)
  expect(brotliDecompressSync(readFileSync(join(output, brotli?.output ?? ''))).toString()).toBe(a)
  for (const job of [hash, words, gzip, brotli]) {
    expect(job).toMatchObject({ fence: 1, attempt: 1, progress: { done: job?.progress?.total } })
    expect(job?.duration).toBeGreaterThanOrEqual(0)
  }
  expect(stream.board.logsOf('hash').map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Attempt 1, by/),
    ...['2 files, 45 bytes', 'Done'],
  ])
})

test('[J2] a job that fails says why, with the stack of what was thrown, and a retry runs it again', async () => {
  const { stream } = await open()
  await stream.start(
    { id: 'absent', path: 'nowhere' },
    { id: 'folder', kind: 'compress', path: 'src' },
    { id: 'fault', kind: 'fault' },
  )
  const failed = async (id: string) => (await stream.job(id, (job) => job.state === 'failed')).error
  expect((await failed('absent'))?.message).toMatch(/^Error: ENOENT.*nowhere/)
  expect((await failed('folder'))?.message).toMatch(/EISDIR/)
  expect(await failed('fault')).toMatchObject({
    message: expect.stringMatching(/^RangeError: A fault on purpose, at/),
    stack: expect.stringMatching(/throw-once/),
  })
  await stream.ask('fault', 'retry')
  const done = await stream.job('fault', (job) => job.state === 'done')
  expect(done).toMatchObject({ attempt: 2, fence: 3, result: { files: 2 } })
  expect(done.error).toBeUndefined()
  await stream.until((board) => board.requests.length === 0)
  await stream.ask('fault', 'remove')
  await stream.until((board) => board.job('fault') === undefined && board.logsOf('fault').length === 0)
})

test('[J2] a running job stops when it is cancelled, and a waiting one never begins', async () => {
  const { stream } = await open({ pace: 60_000 })
  await stream.start({ id: 'one', path: 'src' }, { id: 'two', path: 'src', createdAt: Date.now() + 1 })
  await stream.job('one', (job) => job.progress?.done === 1)
  await stream.ask('two', 'cancel')
  expect(await stream.job('two', (job) => job.state === 'cancelled')).toMatchObject({ attempt: 0 })
  await stream.ask('one', 'cancel')
  await stream.job('one', (job) => job.state === 'cancelled')
  await stream.until((board) => board.requests.length === 0)
  await stream.until((board) => board.worker('ada')?.state === 'idle')
})

test.each([
  ['above it', '../../../etc'],
  ['absolute', '/etc/passwd'],
  ['by a link to a folder', 'link'],
  ['by a link on the way', 'link/passwd'],
  ['a folder whose name begins alike', '../ROOT-beside'],
  ['a zero byte', 'src\0/../..'],
])('[J4] a path outside of the allowed folders is refused: %s', async (_, path) => {
  const { stream, root } = await open()
  symlinkSync('/etc', join(root, 'link'))
  const beside = `${root}-beside`
  await stream.start({ id: 'outside', kind: 'hash', path: path.replace('../ROOT-beside', beside) })
  const { error, result } = await stream.job('outside', (job) => job.state === 'failed')
  expect(error?.message).toMatch(/^ForbiddenPath: /)
  expect(result).toBeUndefined()
})

test('[J4] a symbolic link in a tree is left out', async () => {
  const { stream, root } = await open()
  symlinkSync('/etc/passwd', join(root, 'src/link.ts'))
  await stream.start({ id: 'tree', kind: 'hash', path: 'src' })
  expect((await stream.job('tree', (job) => job.state === 'done')).result).toMatchObject({ files: 2 })
})

test('[J3] of two who begin an epoch one is stored, and an earlier epoch is refused for good', async () => {
  const stream = new JobStream(await server.createStream())
  const { signal } = new AbortController()
  const sender = openSender({ url: stream.url, fetch }, signal)
  const writer = (epoch: number) => new FencedWriter(sender, { id: 'job-one', epoch }, signal)
  const row = (worker: string, fence: number) =>
    state.jobs.upsert({ value: newJob({ id: 'one', fence, worker }) })

  const claims = [writer(1), writer(1)]
  await Promise.all(claims.map(async (claim, index) => claim.append([row(`claim ${index}`, 1)])))
  const winner = await stream.job('one', (job) => job.fence === 1)
  const [late] = claims.filter((_each, index) => winner.worker === `claim ${index}`)
  await late?.append([row('the winner', 1)])

  await writer(2).append([row('the keeper', 2)])
  await expect(late?.append([row('too late', 1)])).rejects.toThrow(Fenced)
  await expect(late?.append([row('still too late', 1)])).rejects.toThrow(Fenced)
  await expect(writer(1).append([row('from the start', 1)])).rejects.toThrow(Fenced)
  const items: unknown = await itemsOf(await fetch(`${stream.url}?offset=-1`))
  expect(items).toMatchObject([
    { value: { fence: 1 } },
    { value: { worker: 'the winner' } },
    { value: { worker: 'the keeper' } },
  ])
})

test('[J5] a long log is replaced by its rows at the next start, and nothing of it is left', async () => {
  const folder = scratchFolder()
  const streams = {
    async fetch({
      method,
      path,
      headers,
      body,
    }: {
      method: string
      path: string
      headers?: object
      body?: string
    }) {
      const response = await fetch(server.url + path, {
        method,
        ...(headers && { headers: { ...headers } }),
        ...(body && { body }),
      })
      const content = Buffer.from(await response.arrayBuffer())
      return {
        status: response.status,
        ok: response.ok,
        headers: Object.fromEntries(response.headers),
        body: content,
      }
    },
  }
  const copied: string[] = []
  const copy = async (from: string, to: string) => {
    copied.push(from)
    await copyRows(server.url + from, server.url + to, fetch)
  }
  const first = await openStream(streams, folder, copy)
  const stream = new JobStream(server.url + first)
  const beats = Array.from({ length: 200 }, (_, done) =>
    state.workers.upsert({ value: { id: 'ada', pid: 1, state: 'idle', beatAt: 0, done } }),
  )
  await stream.append(beats)
  await stream.start({ id: 'one', state: 'done', fence: 7 })
  await compactStream({ source: server.url + first })
  expect(await openStream(streams, folder, copy)).toBe(first)

  const next = await openStream(streams, folder, copy, 1_000)
  expect(copied).toEqual([first])
  const items: unknown = await itemsOf(await fetch(`${server.url}${next}?offset=-1`))
  expect(items).toMatchObject([
    { type: 'job', key: 'one', value: { fence: 7 } },
    { type: 'worker', key: 'ada', value: { done: 199 } },
  ])
  for (const path of [first, `${first}.snapshots`])
    expect((await fetch(`${server.url}${path}?offset=-1`)).status).toBe(404)
})
