// Installs the packed packages into one project and runs them where applications run them: Node 20, 22 and 24, Bun, Deno
// and workerd; by `import` and by `require`; under Jest (Babel, swc) and Vitest; bundled by Vite, webpack, Next.js and,
// for React Native, Metro, whose bundle Hermes has to parse; typed by every way of resolving modules.

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DurableStreamTestServer } from '@durable-streams/server'
import { startRegistry } from './install/registry.mjs'
import { withTarballs } from './pack.mjs'
import { record, root, withoutNpmConfig } from './workspace.mjs'

const expected = 'Ada: Hello'

/** Runs a command in a folder; resolves with its exit code and what it printed. */
function execute(folder, command, args, { timeout = 180_000, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...withoutNpmConfig(process.env), NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', ...env },
      timeout,
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code, output: output.trim() }))
  })
}

/** Starts workerd on a port that it chooses; resolves with what it answers. */
async function askWorker(folder, workerd) {
  const child = spawn(workerd, ['serve', 'workerd.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  try {
    const port = await new Promise((resolve, reject) => {
      let said = ''
      child.stdio[3].on('data', (chunk) => {
        said += chunk
        const [, found] = /"port":\s*(\d+)/.exec(said) ?? []
        if (found !== undefined) resolve(found)
      })
      let errors = ''
      child.stderr.on('data', (chunk) => (errors += chunk))
      child.on('error', reject)
      child.on('close', () => reject(new Error(errors)))
    })
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(30_000) })
    return { code: response.ok ? 0 : 1, output: await response.text() }
  } catch (error) {
    return { code: 1, output: String(error) }
  } finally {
    child.kill('SIGKILL')
  }
}

const server = new DurableStreamTestServer({ port: 0 })
const streams = await server.start()

/** Makes the stream that every runtime reads. */
async function writeStream() {
  const url = `${streams}/lines`
  const headers = { 'content-type': 'application/json' }
  const insert = (type, value) => ({ type, key: value.id, value, headers: { operation: 'insert' } })
  await fetch(url, { method: 'PUT', headers })
  const events = [
    insert('user', { id: 'u1', name: 'Ada' }),
    insert('message', { id: 'm1', userId: 'u1', text: 'Hello' }),
  ]
  await fetch(url, { method: 'POST', headers, body: JSON.stringify(events) })
  return url
}

/** Copies the scenarios, and installs what they need beside the packed packages. */
async function writeProject(folder, packed, registry) {
  cpSync(join(root, 'scripts/runtimes'), folder, { recursive: true })
  const { dependencies, ...manifest } = JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8'))
  // Those without a scope are commands, and not of this registry.
  const ours = Object.fromEntries(
    packed.filter(({ name }) => name.startsWith('@')).map(({ name }) => [name, '*']),
  )
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...manifest, dependencies: { ...dependencies, ...ours } }),
  )
  writeFileSync(join(folder, '.npmrc'), `@streamdb:registry=${registry}/\n`)
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps', '--loglevel=error']
  // A fresh cache for our own packages would fetch all others again; their tarballs differ by address.
  return execute(folder, 'npm', ['install', ...flags], { timeout: 400_000 })
}

/** What is run, by name: each returns what it printed and its exit code. */
function scenarios(folder, url) {
  const bin = (name) => join(folder, 'node_modules/.bin', name)
  const node = (version) =>
    version === '20' ? process.execPath : join(folder, `node_modules/node-${version}/bin/node`)
  const run = (command, ...args) => execute(folder, command, args)
  const write = (file, text) => writeFileSync(join(folder, file), text)
  const list = {}

  for (const version of ['20', '22', '24']) {
    list[`node ${version}, import`] = () => run(node(version), 'lines.mjs', url)
    list[`[F-real-25] node ${version}, require`] = () => run(node(version), 'lines.cjs', url)
    list[`node ${version}, storage`] = () => run(node(version), 'storage.mjs', url)
    list[`node ${version}, gateway`] = () => run(node(version), 'gateway.mjs', url)
  }
  list['[F-real-25] node, hooks by require'] = async () =>
    says('Ada', await run(process.execPath, 'render.cjs', url))
  list['[F-real-25] node, imported database under required hooks'] = async () =>
    says('duplicate-tanstack-db', await run(process.execPath, 'mixed.mjs', url))
  list['bun, import'] = () => run(bin('bun'), 'lines.mjs', url)
  list['[F-real-25] bun, require'] = () => run(bin('bun'), 'lines.cjs', url)
  list['bun, storage'] = () => run(bin('bun'), 'storage.mjs', url)
  list['bun, compactor and session'] = () => run(bin('bun'), 'beside.mjs', url)
  list['bun, gateway'] = () => run(bin('bun'), 'gateway.mjs', url)
  const deno = (file) => run(bin('deno'), 'run', '-A', '--no-lock', '--node-modules-dir=manual', file, url)
  list['deno'] = () => deno('lines.mjs')
  list['deno, storage'] = () => deno('storage.mjs')
  list['deno, compactor and session'] = () => deno('beside.mjs')
  list['deno, gateway'] = () => deno('gateway.mjs')

  const inWorkerd = async (file) => {
    const built = await run(
      bin('esbuild'),
      file,
      '--bundle',
      '--format=esm',
      '--conditions=workerd,worker',
      `--define:STREAM_URL=${JSON.stringify(url)}`,
      '--outfile=worker.js',
    )
    return built.code === 0 ? askWorker(folder, bin('workerd')) : built
  }
  list['[F-real-24] workerd, in the global scope'] = () => inWorkerd('worker.mjs')
  list['workerd, compactor and session'] = () => inWorkerd('worker-beside.mjs')
  list['workerd, gateway'] = () => inWorkerd('gateway-worker.mjs')

  const automatic = { runtime: 'automatic' }
  const transforms = {
    babel: [
      'babel-jest',
      {
        presets: [
          ['@babel/preset-env', { targets: { node: 'current' } }],
          ['@babel/preset-react', automatic],
        ],
      },
    ],
    swc: [
      '@swc/jest',
      { jsc: { parser: { syntax: 'ecmascript', jsx: true }, transform: { react: automatic } } },
    ],
  }
  for (const [name, transform] of Object.entries(transforms)) {
    list[`[F-real-23] jest with ${name}`] = async () => {
      const config = {
        testEnvironment: 'jsdom',
        setupFiles: ['./jest-globals.cjs'],
        testMatch: ['<rootDir>/app.test.jsx'],
        moduleFileExtensions: ['js', 'jsx', 'mjs', 'cjs', 'json'],
        transform: { '^.+\\.(jsx|mjs|js)$': transform },
        // A dependency of TanStack DB that is only published as a module.
        transformIgnorePatterns: ['/node_modules/(?!fractional-indexing/)'],
        haste: { retainAllFiles: false },
        cacheDirectory: join(folder, `.jest-${name}`),
      }
      write(`jest-${name}.config.json`, JSON.stringify(config))
      return succeeds(await run(bin('jest'), '--config', `jest-${name}.config.json`))
    }
  }
  list['vitest in jsdom'] = async () =>
    succeeds(await run(bin('vitest'), 'run', '--environment', 'jsdom', '--globals', 'app.test.jsx'))

  list['vite build'] = async () => {
    const built = await run(
      bin('vite'),
      'build',
      '--ssr',
      'lines.mjs',
      '--outDir',
      'vite',
      '--logLevel',
      'error',
      '--config',
      'vite.config.mjs',
    )
    return built.code === 0 ? run(process.execPath, 'vite/lines.mjs', url) : built
  }
  list['webpack build'] = async () => {
    const built = await run(process.execPath, 'webpack.cjs')
    return built.code === 0 ? run(process.execPath, 'webpack/lines.mjs', url) : built
  }
  list['next build'] = async () => {
    mkdirSync(join(folder, 'next/app'), { recursive: true })
    write('next/app/page.jsx', readFileSync(join(folder, 'page.jsx'), 'utf8'))
    write('next/app/layout.jsx', 'export default ({ children }) => <html><body>{children}</body></html>\n')
    write('next/package.json', '{ "private": true }')
    write(
      'next/next.config.mjs',
      `export default { outputFileTracingRoot: ${JSON.stringify(folder)}, turbopack: { root: ${JSON.stringify(folder)} } }\n`,
    )
    return succeeds(await execute(join(folder, 'next'), bin('next'), ['build'], { timeout: 300_000 }))
  }
  list['[F-real-23] metro, parsed by hermes'] = async () => {
    const bundled = await run(node('24'), 'metro.cjs')
    if (bundled.code !== 0) return bundled
    const hermesc = join(
      folder,
      'node_modules/hermes-compiler/hermesc',
      process.platform === 'darwin' ? 'osx-bin/hermesc' : 'linux64-bin/hermesc',
    )
    return succeeds(await run(hermesc, '-emit-binary', '-O', '-w', '-out', 'native.hbc', 'native.js'))
  }

  const resolutions = {
    node10: ['--module', 'commonjs', '--moduleResolution', 'node10'],
    'node16, CommonJS': ['--module', 'node16', '--moduleResolution', 'node16'],
    'nodenext, module': ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
    bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  }
  for (const [name, flags] of Object.entries(resolutions)) {
    list[`[F-real-25] types by ${name}`] = async () => {
      const file = name === 'nodenext, module' ? 'consumer.mts' : 'consumer.ts'
      if (file === 'consumer.mts') write(file, readFileSync(join(folder, 'consumer.ts'), 'utf8'))
      const options = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom,dom.iterable',
        '--types',
        'react',
      ]
      return succeeds(await run(bin('tsc'), ...options, ...flags, file))
    }
  }
  return list
}

function succeeds({ code, output }) {
  return { code, output: code === 0 ? expected : output }
}

function says(text, { code, output }) {
  return { code, output: output === text ? expected : output }
}

const only = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'streamdb-runtimes-'))
const ok = await withTarballs(async (packed) => {
  const registry = await startRegistry(packed)
  let good = true
  try {
    const installed = await writeProject(folder, packed, registry.url)
    if (installed.code !== 0) {
      process.stdout.write(`the install failed: ${installed.output}\n`)
      return false
    }
    for (const [name, scenario] of Object.entries(scenarios(folder, await writeStream()))) {
      if (only.length > 0 && !only.some((word) => name.includes(word))) continue
      const { code, output } = await scenario()
      const passed = code === 0 && output === expected
      process.stdout.write(`${name}: ${passed ? 'passed' : `FAILED, ${code}: ${output.slice(-3000)}`}\n`)
      record(name, passed ? 1 : 0, passed ? 0 : 1)
      good &&= passed
    }
    return good
  } finally {
    registry.stop()
  }
})
rmSync(folder, { recursive: true, force: true })
await server.stop()
if (!ok) process.exitCode = 1
