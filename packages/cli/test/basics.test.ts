import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startFaultProxy, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli } from './cli.ts'
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

const user = (key: string, value: object, headers: object = {}) => ({
  type: 'user',
  key,
  value,
  headers: { operation: 'upsert', ...headers },
})

test('[K1] exit codes: 0 done, 1 failed, 2 unusable; errors name a code and what to do, as text and as JSON', async () => {
  const [none, unknown, help, version, missing, unreachable] = await Promise.all([
    cli.run([]),
    cli.run(['tial', 'x']),
    cli.run(['append', '--help']),
    cli.run(['--version']),
    cli.run(['state', `${server.url}/missing`, '--json']),
    cli.run(['create', 'http://127.0.0.1:9/x']),
  ])
  expect(none.code).toBe(2)
  expect(none.stderr).toContain('Usage: streamdb')
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toContain('Did you mean tail?')
  expect(help.code).toBe(0)
  expect(help.stdout).toMatch(/Examples:\n {2}# .+\n {2}\$ streamdb append/)
  expect(version).toMatchObject({ code: 0, stdout: '0.0.0\n' })
  expect(missing).toMatchObject({ code: 1, stdout: '' })
  expect(JSON.parse(missing.stderr)).toMatchObject({
    error: { code: 'stream-not-found', remedy: expect.stringContaining('streamdb create') },
  })
  expect(unreachable.code).toBe(1)
  expect(unreachable.stderr).toMatch(
    /error \[unreachable\] PUT .+127\.0\.0\.1:9.*\nwhat to do .+streamdb dev/,
  )
})

test('[K2] append checks everything first: nothing is sent where one event is bad, and each is named with its line', async () => {
  const url = await server.createStream()
  const input = [
    JSON.stringify(user('1', { name: 'Ada' })),
    '',
    '{"type":"user","key":"2","headers":{"operation":"upset"}}',
    '{"type":"user",',
  ].join('\n')
  const [lines, pretty, empty, conflict] = await Promise.all([
    cli.run(['append', url], { input }),
    cli.run(['append', url], {
      input: '[\n  {"type": "user", "key": "1", "value": 1, "headers": {"operation": "insert"}},\n  7\n]',
    }),
    cli.run(['append', url]),
    cli.run(['append', url, '--txid', 'a', JSON.stringify(user('1', {}, { txid: 'b' }))]),
  ])
  expect(lines.code).toBe(2)
  expect(lines.stderr).toContain(
    'line 3: Invalid event at /headers/operation: expected "insert", "update", "upsert" or "delete" but received "upset"',
  )
  expect(lines.stderr).toContain('line 4: Expected one JSON object a line')
  expect(pretty.code).toBe(2)
  expect(pretty.stderr).toContain('line 3: Invalid event: expected an event object')
  expect(empty.code).toBe(2)
  expect(conflict.stderr).toContain('line 1: Expected no txid, or that of --txid ("a"), but received "b"')
  expect(await itemsOf(url)).toEqual([])
})

test('[K2] append checks values by a schema, where it is given one', async () => {
  const url = await server.createStream()
  const schema = fileURLToPath(new URL('modules/state.ts', import.meta.url))
  const { code, stderr } = await cli.run([
    'append',
    url,
    '--schema',
    schema,
    JSON.stringify(user('1', { name: 'A' })),
  ])
  expect(code).toBe(2)
  expect(stderr).toContain('line 1: Invalid event at /value/name: the schema refused the value')
  expect(await itemsOf(url)).toEqual([])
})

test('[K3] append stores all events of a command together, and once though it is run again with its --txid', async () => {
  const url = `${server.url}/appended`
  const events = [user('1', { name: 'Ada' }), user('2', { name: 'Bob' })]
  const args = ['append', url, '--create', '--txid', 't1', '--json']
  const first = await cli.run(args, { input: JSON.stringify(events, undefined, 2) })
  expect(JSON.parse(first.stdout)).toMatchObject({ appended: 2, batches: 1, txid: 't1' })
  const again = await cli.run(args, { input: events.map((event) => JSON.stringify(event)).join('\n') })
  expect(again.code).toBe(0)
  expect(await itemsOf(url)).toEqual(
    events.map((event) => ({ ...event, headers: { ...event.headers, txid: 't1' } })),
  )
})

test('[K3] append whose answer is lost is tried again, and stored once', async () => {
  const proxy = await startFaultProxy(server.url)
  const url = await server.createStream()
  proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^POST/, times: 2 })
  const { code, stderr } = await cli.run(['append', proxy.through(url), JSON.stringify(user('1', {}))])
  expect(code).toBe(0)
  expect(stderr).toContain('attempt 2 failed, trying again')
  expect(await itemsOf(url)).toEqual([user('1', {})])
  await proxy.close()
})

test('[K4] tail shows what is there and what comes, by type and key, until Ctrl-C: 130', async () => {
  const url = await server.createStream(undefined, {
    items: [user('1', { name: 'Ada' }), user('2', { name: 'Bob' })],
  })
  const tail = cli.start(['tail', url, '--type', 'user', '--key', '2,3', '--json'])
  await tail.waitFor('Bob')
  await server.appendItems(url, [
    user('3', { name: 'Cleo\u001b[31m' }),
    { type: 'room', key: '3', value: {}, headers: { operation: 'insert' } },
    7,
  ])
  await tail.waitFor(/invalid/)
  const { code, stdout, stderr } = await tail.stop()
  expect(code).toBe(130)
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { key: string }).key),
  ).toEqual(['2', '3'])
  expect(stderr).toContain('"code":"not-an-event"')

  const [pretty, limited, wrong] = await Promise.all([
    cli.run(['tail', url, '--no-follow'], { env: { FORCE_COLOR: '0' } }),
    cli.run(['tail', url, '--limit', '1', '--json']),
    cli.run(['tail', url, '--no-follow', '--from', 'nowhere']),
  ])
  expect(pretty.code).toBe(0)
  expect(pretty.stdout).toMatch(/= upsert {2}user 1 {2}\{"name":"Ada"\}/)
  expect(pretty.stdout).toContain('Cleo\\u001b[31m')
  expect(pretty.stdout).not.toContain('\u001b')
  expect(limited.stdout.trim().split('\n')).toHaveLength(1)
  expect(wrong).toMatchObject({ code: 2 })
})

test('[K5] state shows the rows at the end, at an offset and at a time, by type and key', async () => {
  const url = await server.createStream()
  const at = (time: string) => ({ timestamp: `2026-01-01T${time}Z` })
  const first = await server.appendItems(url, [
    user('1', { name: 'Ada' }, at('10:00:00')),
    user('2', { name: 'Bob' }, at('10:00:00')),
  ])
  await server.appendItems(url, [
    user('1', { name: 'Ada L.' }, at('11:00:00')),
    { type: 'user', key: '2', headers: { operation: 'delete', ...at('11:00:00') } },
    { type: '__proto__', key: 'constructor', value: 1, headers: { operation: 'insert', ...at('11:00:00') } },
  ])
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli.run(['state', url, '--json', ...args])
    expect(stderr).toBe('')
    return { code, ...(JSON.parse(stdout) as { rows: object; offset: string }) }
  }
  const [end, atOffset, atTime, one, absent, behind, people] = await Promise.all([
    json(),
    json('--offset', first),
    json('--at', '2026-01-01T10:30:00Z'),
    json('--type', 'user', '--key', '1'),
    json('--type', 'user', '--key', '9'),
    cli.run(['state', url, '--offset', '9999999999999999_0000000000000000']),
    cli.run(['state', url]),
  ])
  expect(JSON.stringify(end.rows)).toBe('{"user":{"1":{"name":"Ada L."}},"__proto__":{"constructor":1}}')
  const before = { user: { 1: { name: 'Ada' }, 2: { name: 'Bob' } } }
  expect(atOffset).toMatchObject({ rows: before, offset: first })
  expect(atTime).toMatchObject({ rows: before, offset: first })
  expect(one.rows).toEqual({ user: { 1: { name: 'Ada L.' } } })
  expect(absent).toMatchObject({ code: 1, rows: {} })
  expect(behind.code).toBe(2)
  expect(behind.stderr).toContain('[offset-beyond-end]')
  expect(people.stdout).toContain('user 1 row\n  1  {"name":"Ada L."}')
})

test('[K6] dev serves streams on loopback, keeps them in its folder, refuses a second one, and Ctrl-C ends it with 0', async () => {
  const data = join(folder, 'data')
  const args = ['dev', '--port', '0', '--data', data, '--json']
  const dev = cli.start(args)
  const [line] = await dev.waitFor(/^\{.+\}$/m)
  const { url, inspector } = JSON.parse(line) as { url: string; inspector: string }
  expect(new URL(url).hostname).toBe('127.0.0.1')
  const env = { STREAMDB_SERVER: url }
  expect(
    await cli.run(['append', 'rooms/1', '--create', JSON.stringify(user('1', {}))], { env }),
  ).toMatchObject({ code: 0 })
  const tail = cli.start(['tail', 'rooms/1'], { env })
  await tail.waitFor('user')
  const [page, second] = await Promise.all([fetch(`${inspector}?stream=${url}/rooms/1`), cli.run(args)])
  expect(page.status).toBe(200)
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('data-in-use') })
  // A reader is connected: the server ends all the same.
  expect(await dev.stop()).toMatchObject({ code: 0 })
  await tail.stop()
  const again = cli.start(args)
  const [restarted] = await again.waitFor(/^\{.+\}$/m)
  expect(await itemsOf(`${(JSON.parse(restarted) as { url: string }).url}/rooms/1`)).toEqual([user('1', {})])
  // Programs read its standard output: nothing but the line is on it.
  expect((await again.stop('SIGTERM')).stdout).toBe(`${restarted}\n`)
})

test('[K6] dev runs a command beside its server, and ends as that does', async () => {
  const program =
    'fetch(process.env.STREAMDB_SERVER + "/x").then(({ status }) => process.exit(status === 404 ? 7 : 1))'
  const { code } = await cli.run(['dev', '--port', '0', '--memory', '--', process.execPath, '-e', program])
  expect(code).toBe(7)
  const missing = await cli.run(['dev', '--port', '0', '--memory', '--', 'no-such-program'])
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('no-such-program') })
})

test('[K18] create makes a stream or a fork, leaves one as it is, and tells one with other settings', async () => {
  const url = `${server.url}/made`
  const env = { STREAMDB_SERVER: server.url }
  const first = await cli.run(['create', 'made', '--ttl', '100', '--json'], { env })
  expect(JSON.parse(first.stdout)).toMatchObject({ url, created: true })
  const offset = await server.appendItems(url, [user('1', {})])
  await server.appendItems(url, [user('2', {})])
  const [again, other, fork] = await Promise.all([
    cli.run(['create', url, '--ttl', '100']),
    cli.run(['create', url]),
    cli.run(['create', `${url}-fork`, '--fork', url, '--fork-offset', offset]),
  ])
  expect(again).toMatchObject({ code: 0, stdout: `exists ${url}\n` })
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('[stream-exists]') })
  expect(fork.code).toBe(0)
  expect(await itemsOf(`${url}-fork`)).toEqual([user('1', {})])
})
