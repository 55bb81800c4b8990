import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFaultProxy, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli, follow } from './cli.ts'
import type { Cli, RunningCli } from './cli.ts'

// A terminal is what `script` of util-linux runs a command in; elsewhere there is another `script`, or none.
const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false
const inTerminal = hasTerminal ? test : test.skip

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

/** Runs a command in a terminal, which takes keys: Ctrl-C is \u0003. */
function start(args: readonly string[], env: Record<string, string> = {}): RunningCli {
  const command = [process.execPath, cli.main, ...args]
    .map((each) => `'${each.replaceAll("'", "'\\''")}'`)
    .join(' ')
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...inherited, TERM: 'xterm-256color', ...env },
  })
  return follow(child, { keepsInput: true })
}

const items = Array.from({ length: 2_000 }, (_, index) => ({
  type: 'user',
  key: `${index}`,
  value: { name: `Person ${Math.sin(index)}` },
  headers: { operation: 'insert' },
}))

inTerminal('[K17] colours show on a terminal only, and NO_COLOR turns them off there', async () => {
  const url = await server.createStream(undefined, { items: items.slice(0, 1) })
  const args = ['tail', url, '--no-follow']
  const [terminal, plain, pipe, forced] = await Promise.all([
    start(args).outcome,
    start(args, { NO_COLOR: '1' }).outcome,
    cli.run(args),
    cli.run(args, { env: { FORCE_COLOR: '1' } }),
  ])
  expect(terminal.stdout).toContain('\u001b[32m+ insert')
  expect(plain.stdout).not.toContain('\u001b[')
  expect(pipe.stdout).not.toContain('\u001b[')
  expect(forced.stdout).toContain('\u001b[32m+ insert')
})

inTerminal(
  '[K17] long work shows a bar on a terminal only; Ctrl-C takes it away, and the cursor is back',
  async () => {
    const proxy = await startFaultProxy(server.url)
    const url = await server.createStream(undefined, { items: items.slice(0, 1_000) })
    await server.appendItems(url, items.slice(1_000))
    const file = join(folder, 'copy.ndjson')
    // Drips for as long as it is waited for.
    proxy.fault({ kind: 'throttle', bytes: 50, everyMs: 10 }, { match: /^GET/, times: Infinity })
    const copy = start(['copy', proxy.through(url), file])
    await copy.waitFor(/copying .*\d+%/)
    copy.child.stdin.write('\u0003')
    const { code, stdout } = await copy.outcome
    expect(code).toBe(130)
    expect(stdout).toContain('\u001b[?25l')
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'))
    expect(stdout).toContain('Stopped by SIGINT')
    await proxy.close()

    const done = await cli.run(['copy', url, join(folder, 'piped.ndjson')])
    expect(done).toMatchObject({ code: 0, stderr: '' })
  },
)
