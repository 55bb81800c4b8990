import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { binaryPath, crates } from '../engines/catalog.mjs'
import { freePorts } from '../engines/free-ports.mjs'
import { root } from '../workspace.mjs'

// Runs the configurations of docs/deploy.md: the text of the page, with other ports, addresses and folders.

const page = readFileSync(join(root, 'docs/deploy.md'), 'utf8')
const has = (command: string): boolean => spawnSync('which', [command]).status === 0

/** Returns the text of the block that has a file's name. */
function blockOf(name: string): string {
  const [, text] =
    new RegExp(`^\`\`\`\\w+ ${name.replace('.', '\\.')}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page) ?? []
  if (text === undefined) throw new Error(`docs/deploy.md has no block ${name}`)
  return text
}

/** Returns a text with other values; each has to be there. */
function withValues(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((result, [old, value]) => {
    expect(result, `${old} of the page`).toContain(old)
    return result.replaceAll(old, value)
  }, text)
}

/** Makes a folder inside the repository, where Node finds the packages that it uses. */
function folder(): string {
  const parent = join(root, 'node_modules/.cache')
  mkdirSync(parent, { recursive: true })
  const path = mkdtempSync(join(parent, 'deploy-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Bundles a program with the sources of our packages, as Node 20 loads no TypeScript. */
async function bundle(entry: string, outfile: string): Promise<void> {
  const source = (name: string): string => join(root, 'packages', name)
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    alias: {
      '@streamdb/state': source('state/src/index.ts'),
      '@streamdb/log': source('log/src/index.ts'),
      '@streamdb/server/node': source('server/src/node/index.ts'),
      '@streamdb/server': source('server/src/index.ts'),
    },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
}

/** Starts a command that is killed with the test. */
function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Resolves with the answer as soon as there is one that passes. */
async function until(
  url: string,
  init: RequestInit,
  passes: (response: Response) => boolean,
): Promise<string> {
  for (;;) {
    const response = await fetch(url, { ...init, headers: { ...json, connection: 'close' } }).catch(
      () => undefined,
    )
    const text = await response?.text()
    if (response !== undefined && text !== undefined && passes(response)) return text
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const json = { 'content-type': 'application/json' }
const isOk = ({ ok }: Response): boolean => ok
const create = (url: string): Promise<string> => until(url, { method: 'PUT' }, isOk)
const append = (url: string, item: unknown): Promise<string> =>
  until(url, { method: 'POST', body: JSON.stringify([item]) }, isOk)
const read = async (url: string): Promise<unknown> => {
  const text = await until(`${url}?offset=-1`, {}, isOk)
  // Ursula answers with a line for each event.
  return JSON.parse(text.startsWith('[') ? text : `[${text.trim().split('\n').join(',')}]`) as unknown
}

test('[DP4] embedded: the server of the page keeps what it has acknowledged', async () => {
  const directory = folder()
  const [port = 0] = await freePorts(1)
  const program = join(directory, 'server.mjs')
  writeFileSync(program, blockOf('server.mjs'))
  const env = { PORT: String(port), DATA_DIR: join(directory, 'streams') }
  const url = `http://127.0.0.1:${port}/rooms/1`
  const first = start(process.execPath, [program], env)
  await create(url)
  await append(url, 1)
  first.kill('SIGKILL')
  await once(first, 'exit')
  const second = start(process.execPath, [program], env)
  await append(url, 2)
  expect(await read(url)).toEqual([1, 2])
  second.kill('SIGTERM')
  expect(await once(second, 'exit')).toEqual([0, null])
})

test('[DP4] the write gateway: who may enter writes, and others do not', async () => {
  const directory = folder()
  const [port = 0, front = 0] = await freePorts(2)
  writeFileSync(join(directory, 'server.mjs'), blockOf('server.mjs'))
  writeFileSync(join(directory, 'gateway.mjs'), blockOf('gateway.mjs'))
  // What an application has of its own.
  writeFileSync(
    join(directory, 'state.mjs'),
    `import { createStateSchema } from '@streamdb/state'
     const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
     export const state = createStateSchema({ notes: { schema, type: 'note', primaryKey: 'id' } })`,
  )
  writeFileSync(
    join(directory, 'users.mjs'),
    `export const userOf = (request) =>
       request.headers.get('authorization') === 'Bearer ada' ? { id: 'ada', rooms: ['1'] } : undefined`,
  )
  const program = join(directory, 'bundle.mjs')
  await bundle(join(directory, 'gateway.mjs'), program)
  const [, environment = ''] = /^Environment=(.*)$/m.exec(blockOf('gateway.service')) ?? []
  const values = { 'PORT=8080': `PORT=${front}`, '4437': String(port) }
  const env = Object.fromEntries(
    withValues(environment, values)
      .split(' ')
      .map((each) => each.split(/=(.*)/).slice(0, 2) as [string, string]), // NAME=value
  )
  start(process.execPath, [join(directory, 'server.mjs')], {
    PORT: String(port),
    DATA_DIR: join(directory, 'files'),
  })
  const gateway = start(process.execPath, [program], env)
  await Promise.all(['1', '2'].map((room) => create(`http://127.0.0.1:${port}/rooms/${room}`)))
  const note = { type: 'note', key: 'n', value: { id: 'n' }, headers: { operation: 'insert' } }
  const write = (room: string, headers = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${front}/streams/${room}`, {
      method: 'POST',
      headers: { ...json, connection: 'close', ...headers },
      body: JSON.stringify([note]),
    })
  const ada = { authorization: 'Bearer ada' }
  await until(`http://127.0.0.1:${front}/streams/1`, {}, ({ status }) => status === 401)
  expect((await write('1', ada)).ok).toBe(true)
  expect([(await write('1')).status, (await write('2', ada)).status]).toEqual([401, 403])
  expect(await read(`http://127.0.0.1:${port}/rooms/1`)).toMatchObject([
    { key: 'n', headers: { principal: 'ada' } },
  ])
  gateway.kill('SIGTERM')
  expect(await once(gateway, 'exit')).toEqual([0, null])
})

test.skipIf(!existsSync(binaryPath(crates.ds)))(
  '[DP4] one node: the command of the unit serves, and its folder is backed up and restored by the scripts',
  async () => {
    const directory = folder()
    const [port = 0] = await freePorts(1)
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(blockOf('streams.service')) ?? []
    const places = { '/var/lib': directory, '/var/backups': directory }
    const line = withValues(command, {
      '/usr/local/bin/durable-streams-server': binaryPath(crates.ds),
      '4437': String(port),
      '/var/lib': directory,
    })
    // What stands for systemd, and does not wait for a server that takes its time to end.
    const systemctl = `
      systemctl() {
        if [ "$1" = stop ]; then kill -9 "$(cat ${directory}/pid)"; while (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.02; done
        else ${line} >/dev/null 2>&1 & echo $! >${directory}/pid; fi
      }
    `
    const run = (script: string, ...args: string[]): string => {
      const { status, stdout, stderr } = spawnSync('bash', [
        '-euc',
        `${systemctl}\n${script}`,
        'script',
        ...args,
      ])
      expect(status, String(stderr)).toBe(0)
      return String(stdout)
    }
    run('systemctl start streams')
    onTestFinished(() => void run('systemctl stop streams'))
    const url = `http://127.0.0.1:${port}/rooms/1`
    await create(url)
    await append(url, 1)
    run(withValues(blockOf('backup.sh'), places))
    await append(url, 2)
    const [backup = ''] = run(`ls -d ${directory}/streams-*`).trim().split('\n')
    run(withValues(blockOf('restore.sh'), { '/var/lib': directory }), backup)
    expect(await read(url)).toEqual([1])
    await append(url, 3)
    expect(await read(url)).toEqual([1, 3])
  },
)

test.skipIf(!existsSync(binaryPath(crates.ursula)))(
  '[DP4] cluster: three nodes and their gateway',
  async () => {
    const directory = folder()
    const [one = 0, two = 0, three = 0, front = 0, ...admins] = await freePorts(7)
    const addresses = {
      '10.0.0.1:4437': `127.0.0.1:${one}`,
      '10.0.0.2:4437': `127.0.0.1:${two}`,
      '10.0.0.3:4437': `127.0.0.1:${three}`,
    }
    const config = withValues(blockOf('ursula.toml'), addresses)
    const [server = '', gateway = ''] = blockOf('ursula.sh')
      .replaceAll('\\\n', '')
      .split('\n')
      .filter((line) => line.startsWith('ursula '))
    const argsOf = (line: string): string[] => line.split(/\s+/).slice(1)
    for (const [index, port] of [one, two, three].entries()) {
      const file = join(directory, `node${index}.toml`)
      mkdirSync(join(directory, `node${index}`))
      const own = withValues(config, {
        [`listen = "127.0.0.1:${one}"`]: `listen = "127.0.0.1:${port}"`,
        '[raft]\nnode_id = 1': `[raft]\nnode_id = ${index + 1}`,
        '127.0.0.1:4438': `127.0.0.1:${admins[index]}`,
        '/var/lib/ursula': join(directory, `node${index}`),
      })
      writeFileSync(file, own)
      start(binaryPath(crates.ursula), argsOf(withValues(server, { '/etc/ursula.toml': file })))
    }
    start(
      binaryPath(crates.ursula),
      argsOf(withValues(gateway, { ...addresses, '10.0.0.9:4437': `127.0.0.1:${front}` })),
    )
    const bucket = `http://127.0.0.1:${front}/rooms`
    await create(bucket)
    await create(`${bucket}/1`)
    await append(`${bucket}/1`, 1)
    expect(await read(`${bucket}/1`)).toEqual([1])
  },
)

test.skipIf(!has('nginx'))(
  '[DP4] shards: a name is on one server, and one that is down is told from a stream that is not there',
  async () => {
    const directory = folder()
    const [port = 0] = await freePorts(1)
    const servers = ['one', 'two'].map((name) => createServer((_, response) => response.end(name)))
    const [one = 0, two = 0] = await Promise.all(
      servers.map(async (each) => {
        each.listen(0, '127.0.0.1')
        await once(each, 'listening')
        onTestFinished(() => void each.close())
        return (each.address() as AddressInfo).port // it listens
      }),
    )
    const text = withValues(blockOf('shards.conf'), {
      '127.0.0.1:4437': `127.0.0.1:${one}`,
      '127.0.0.1:4447': `127.0.0.1:${two}`,
      '127.0.0.1:8000': `127.0.0.1:${port}`,
    })
    const file = join(directory, 'nginx.conf')
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${directory}/${name};`,
    )
    writeFileSync(
      file,
      `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
       events {} http { access_log off; ${temporary.join(' ')}\n${text} }`,
    )
    start('nginx', ['-e', join(directory, 'error.log'), '-c', file])
    const url = (path: string): string => `http://127.0.0.1:${port}/${path}`
    await until(url('ready/1'), {}, isOk)
    const rooms = Array.from({ length: 20 }, (_, n) => `room-${n}`)
    const serverOf = async (path: string): Promise<string> => (await fetch(url(path))).text()
    const found = await Promise.all(rooms.map((room) => serverOf(`${room}/chat`)))
    expect(new Set(found)).toEqual(new Set(['one', 'two']))
    expect(await Promise.all(rooms.map((room) => serverOf(`${room}/chat.snapshots`)))).toEqual(found)
    servers[1]?.close()
    servers[1]?.closeAllConnections()
    const after = await Promise.all(
      rooms.map(async (room) => {
        const response = await fetch(url(`${room}/chat`))
        return response.ok ? response.text() : response.status
      }),
    )
    expect(after).toEqual(found.map((name) => (name === 'two' ? 502 : name)))
  },
)

test.skipIf(!has('systemd-analyze'))('[DP4] the units are ones that systemd takes', () => {
  const directory = folder()
  for (const name of ['streams.service', 'gateway.service']) {
    const file = join(directory, name)
    // It looks for the program.
    writeFileSync(file, blockOf(name).replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  }
})
