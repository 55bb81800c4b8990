import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually, startFaultProxy, startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli, follow } from './cli.ts'
import type { Cli } from './cli.ts'
import { itemsOf } from './items-of.ts'

let cli: Cli
let server: StreamServer
let folder: string

beforeAll(async () => {
  ;[cli, server, folder] = await Promise.all([
    buildCli(),
    startStreamServer(),
    mkdtemp(join(tmpdir(), 'streamdb-cli-')),
  ])
})

afterAll(async () => {
  await Promise.all([cli.remove(), server.stop(), rm(folder, { recursive: true, force: true })])
})

const schema = fileURLToPath(new URL('modules/state.ts', import.meta.url))

const upsert = (key: string, value: unknown, headers: object = {}) => ({
  type: 'user',
  key,
  value,
  headers: { operation: 'upsert', ...headers },
})

test('[K7] diff shows the rows and fields that differ between two points, either way round', async () => {
  const url = await server.createStream()
  const first = await server.appendItems(url, [
    upsert('1', { name: 'Ada', tags: ['a'] }),
    upsert('2', { name: 'Bob' }),
  ])
  const second = await server.appendItems(url, [
    upsert('1', { name: 'Ada', tags: ['a', 'b'], address: { city: 'London' } }),
    { type: 'user', key: '2', headers: { operation: 'delete' } },
    upsert('3', { name: 'Cleo' }),
  ])
  const [forward, back, none, people] = await Promise.all([
    cli.run(['diff', url, first, '--json', '--exit-code']),
    cli.run(['diff', url, second, first, '--json']),
    cli.run(['diff', url, second, 'end', '--exit-code']),
    cli.run(['diff', url, first]),
  ])
  expect(forward.code).toBe(1)
  expect(JSON.parse(forward.stdout)).toMatchObject({
    from: first,
    to: second,
    changes: [
      {
        change: 'updated',
        key: '1',
        fields: [
          { path: ['tags'], before: ['a'], after: ['a', 'b'] },
          { path: ['address'], after: { city: 'London' } },
        ],
      },
      { change: 'deleted', key: '2', before: { name: 'Bob' } },
      { change: 'inserted', key: '3', after: { name: 'Cleo' } },
    ],
  })
  expect(JSON.parse(back.stdout)).toMatchObject({
    changes: [{ change: 'updated' }, { change: 'inserted', key: '2' }, { change: 'deleted', key: '3' }],
  })
  expect(none.code).toBe(0)
  expect(people.stdout).toContain(
    '~ user 1\n    tags: ["a"] -> ["a","b"]\n    address: absent -> {"city":"London"}\n- user 2',
  )
})

test('[K8] check names every fault with its offset, holds values to a schema in TypeScript, and ends with 1', async () => {
  const url = await server.createStream()
  const first = await server.appendItems(url, [upsert('1', { name: 'Ada' })])
  const second = await server.appendItems(url, [
    upsert('2', { name: 'B' }),
    7,
    { type: 'user', key: '', value: {}, headers: { operation: 'insert' } },
    upsert('3', { id: '4', name: 'Cleo' }),
    { type: 'room', key: '1', value: {}, headers: { operation: 'insert', timestamp: 'noon' } },
  ])
  await server.appendItems(url, [{ headers: { control: 'snapshot-start' } }])
  const good = await server.createStream(undefined, { items: [upsert('1', { name: 'Ada' })] })
  const [plain, withSchema, fine, noModule] = await Promise.all([
    cli.run(['check', url]),
    cli.run(['check', url, '--schema', schema, '--json']),
    cli.run(['check', good, '--schema', schema]),
    cli.run(['check', good, '--schema', './missing.ts']),
  ])
  expect(plain.code).toBe(1)
  expect(plain.stdout).toContain(
    `fault [not-an-event] item 3, behind ${first}: Invalid event: expected an event`,
  )
  expect(plain.stdout).toContain(`fault [missing-part] item 4, offset ${second}: Invalid event at /key`)
  expect(plain.stdout).toContain('3 faults and 1 warning in 7 items')
  expect(withSchema.code).toBe(1)
  const { faults, warnings, items } = JSON.parse(withSchema.stdout) as {
    faults: { item: number; offset?: string; from: string; code: string; message: string }[]
    warnings: { code: string }[]
    items: number
  }
  expect(items).toBe(7)
  expect(faults.map(({ item, code }) => [item, code])).toEqual([
    [2, 'schema'],
    [3, 'not-an-event'],
    [4, 'missing-part'],
    [5, 'key-mismatch'],
    [7, 'snapshot-open'],
  ])
  expect(faults[0]).toMatchObject({
    offset: second,
    from: first,
    message: expect.stringContaining('/value/name'),
  })
  expect(warnings.map(({ code }) => code)).toEqual(['timestamp', 'unknown-type'])
  expect(fine).toMatchObject({ code: 0, stdout: 'no fault in 1 item\n' })
  expect(noModule).toMatchObject({ code: 1, stderr: expect.stringContaining('[schema-module]') })
})

test('[K9] copy goes on after Ctrl-C, a kill and a lost answer, and stores each event once', async () => {
  const proxy = await startFaultProxy(server.url)
  const items = [
    ...Array.from({ length: 1_200 }, (_, index) => upsert(`${index}`, { index })),
    ...Array.from({ length: 700 }, (_, index) => upsert(`${index}`, { index: index + 1 }, { txid: 'one' })),
    7,
  ]
  const source = await server.createStream('/copied', { items })
  const target = `${server.url}/copy`
  const args = ['copy', source, proxy.through(target)]
  const posts = (): number => proxy.requests.filter(({ method }) => method === 'POST').length

  // The first batch is stored; the second never arrives, and Ctrl-C comes.
  proxy.fault({ kind: 'blackhole' }, { match: () => posts() === 2 })
  const first = cli.start(args, { cwd: folder })
  await eventually(() => expect(posts()).toBe(2))
  const stopped = await first.stop()
  expect(stopped.code).toBe(130)
  expect(stopped.stderr).toContain('The same command goes on from here')
  expect(await itemsOf(target)).toHaveLength(500)

  // The next is stored and not answered, and the process is killed.
  proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^POST/, times: Infinity })
  const second = cli.start(args, { cwd: folder })
  await second.waitFor('trying again')
  await second.stop('SIGKILL')
  await proxy.heal()

  expect(await cli.run(args, { cwd: folder })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('copied 1,901 events'),
  })
  expect(await itemsOf(target)).toEqual(items)
  expect(await readdir(folder)).toEqual([])
  expect(await cli.run(args, { cwd: folder })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('[target-not-empty]'),
  })
  await proxy.close()
})

test('[K10] copy to a file goes on behind its last good byte, and the file comes back as the same stream', async () => {
  const proxy = await startFaultProxy(server.url)
  const items = Array.from({ length: 300 }, (_, index) =>
    upsert(`${index}`, { text: `é${randomBytes(60).toString('base64')}`, index }),
  )
  const source = await server.createStream(undefined, { items: items.slice(0, 200) })
  await server.appendItems(source, items.slice(200))
  const file = join(folder, 'backup.ndjson')
  const args = ['copy', proxy.through(source), file]

  // The page breaks off, and no other comes.
  proxy.fault({ kind: 'cut', after: 6_000 }, { match: /^GET/ })
  proxy.fault({ kind: 'blackhole' }, { match: /^GET/, times: Infinity })
  const first = cli.start(args)
  await eventually(() => expect(proxy.requests.length).toBeGreaterThanOrEqual(3))
  expect((await first.stop('SIGTERM')).code).toBe(143)
  // What was written behind the last entry of the journal does not count.
  await writeFile(`${file}.partial`, '{"half":', { flag: 'a' })
  await proxy.heal()

  expect(await cli.run(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('copied 300 events') })
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(items)
  const target = `${server.url}/restored`
  const [restored, again, bad] = await Promise.all([
    cli.run(['copy', file, target], { cwd: folder }),
    cli.run(args),
    cli.run(['copy', '-', `${server.url}/from-input`], { input: '{"a":1}\n{' }),
  ])
  expect(restored.code).toBe(0)
  expect(await itemsOf(target)).toEqual(items)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('[file]') })
  expect(bad.code).toBe(2)
  await proxy.close()
})

test('[K11] compact writes a snapshot, and says why where it does not', async () => {
  const url = await server.createStream(undefined, {
    items: [upsert('1', { name: 'Ada' }), upsert('1', { name: 'Bob' })],
  })
  expect(await cli.run(['compact', url, '--min-events', '100'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('skipped too few events'),
  })
  const { stdout } = await cli.run(['compact', url, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ type: 'written', snapshot: { rows: 1 } })
})

test('[K12] inspect serves the page for a stream, and prints its address', async () => {
  const url = await server.createStream()
  const inspect = cli.start(['inspect', url, '--json'])
  const [line] = await inspect.waitFor(/^\{.+\}$/m)
  const { page } = JSON.parse(line) as { page: string }
  expect(new URL(page).searchParams.get('stream')).toBe(url)
  expect(await (await fetch(page)).text()).toContain('Inspector')
  const { origin, search } = new URL(page)
  expect((await fetch(`${origin}/_inspector${search}`)).url).toBe(page)
  expect((await inspect.stop()).code).toBe(0)
})

test('[K12] inspect reads a stream that needs headers for its page, and for no other page', async () => {
  const secured = await startScriptedServer((request, reply) => {
    if (request.headers.authorization !== 'Bearer secret') reply.status(401)
    else if (request.live === 'sse') reply.sse().control({ nextOffset: '1' })
    else reply.page({ items: [], nextOffset: '1', upToDate: true })
  })
  const args = ['inspect', `${secured.url}/rooms/1`, '--json']
  const inspect = cli.start(args, { env: { STREAMDB_TOKEN: 'secret' } })
  const [line] = await inspect.waitFor(/^\{.+\}$/m)
  const { page } = JSON.parse(line) as { page: string }
  const stream = new URL(page).searchParams.get('stream') ?? ''
  const read = await fetch(`${stream}?offset=-1`)
  expect([read.status, read.headers.get('stream-next-offset'), await read.text()]).toEqual([200, '1', '[]'])
  const live = await fetch(`${stream}?offset=1&live=sse`)
  expect(new TextDecoder().decode((await live.body?.getReader().read())?.value)).toContain('event: control')
  expect((await fetch(stream, { headers: { origin: 'http://evil.example' } })).status).toBe(403)
  expect((await inspect.stop()).code).toBe(0)
  await secured.close()
})

test('[K13] typegen writes a module that compiles, and that check accepts', async () => {
  const items = Array.from({ length: 6 }, (_, index) =>
    upsert(`${index}`, {
      id: `${index}`,
      role: index % 2 === 0 ? 'a' : 'b',
      at: '2026-01-01T00:00:00Z',
      ...(index === 1 && { n: 1 }),
    }),
  )
  items.push({ type: 'theme', key: 'ada', value: 'dark', headers: { operation: 'upsert' } })
  const url = await server.createStream(undefined, { items })
  // Beside what it imports.
  const path = fileURLToPath(new URL('modules/generated.ts', import.meta.url))
  try {
    const args = ['typegen', url, '-o', path]
    expect(await cli.run(args)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 types from 7 events'),
    })
    expect(await readFile(path, 'utf8')).toContain("role: z.enum(['a', 'b']),")
    const [checked, again, types] = await Promise.all([
      cli.run(['check', url, '--schema', path]),
      cli.run(args),
      typeCheck(path),
    ])
    expect(checked).toMatchObject({ code: 0, stderr: '' })
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('--overwrite') })
    expect(types).toBe('')
  } finally {
    await rm(path, { force: true })
  }
})

/** Returns what the compiler says against a module. */
async function typeCheck(path: string): Promise<string> {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const flags =
    '--noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2022 --types node'
  const child = spawn(
    join(root, 'node_modules/.bin/tsc'),
    ['--ignoreConfig', ...flags.split(' '), '--allowImportingTsExtensions', path],
    { cwd: root },
  )
  return (await follow(child).outcome).stdout
}
