// Installs the packed packages into empty projects by npm, pnpm, yarn and bun, in the orders that users do, and runs a
// live query after each step: `npm i @streamdb/react`; then also `@tanstack/db`; then also `@tanstack/react-db`. It has
// to work, or to say which two versions of @tanstack/db there are and what to do; and that has to help. Nothing in the
// workspace itself can show what this shows. Beside that, the application of `npm create streamdb` (install/starter.mjs).

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { DurableStreamTestServer } from '@durable-streams/server'
import { startRegistry } from './install/registry.mjs'
import { checkStarter } from './install/starter.mjs'
import { withTarballs } from './pack.mjs'
import { readJson, record, root, runBin, withoutNpmConfig } from './workspace.mjs'

/** The package managers; those that are not pinned by the workspace come from the registry, as npm packages. */
const managers = {
  npm: ['npm', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
  pnpm: ['npx', '--yes', readJson('package.json').packageManager],
  yarn: ['npx', '--yes', 'yarn@1.22.22', '--silent', '--no-progress'],
  bun: ['npx', '--yes', 'bun@1.3.4'],
}

/** What a user does, one after another. Every manager knows these words. */
const steps = [
  ['add', '@streamdb/react', 'react', 'react-dom'],
  ['add', '@tanstack/db@latest'],
  ['add', '@tanstack/react-db@latest'],
  // What the error says to do. Where that leaves two, it says what else.
  [
    'add',
    `@tanstack/db@${/^ {2}'@tanstack\/db': (.+)$/m.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))[1]}`,
  ],
]

const tsconfig = {
  compilerOptions: {
    strict: true,
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    module: 'NodeNext',
    types: [],
    skipLibCheck: true,
  },
  files: ['consumer.ts'],
}

/** Writes a project that depends on nothing yet. */
function writeProject(folder, registry) {
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  )
  writeFileSync(join(folder, '.npmrc'), `@streamdb:registry=${registry}/\n`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  for (const file of ['consumer.ts', 'render.mjs']) {
    copyFileSync(join(root, 'scripts/install', file), join(folder, file))
  }
}

/** Runs a command without holding up the servers of this process; resolves with its code and output. */
function execute([command, ...args], cwd) {
  return new Promise((resolve) => {
    // What is cached under one version is another package in the next run.
    const caches = { YARN_CACHE_FOLDER: join(cwd, '.cache'), BUN_INSTALL_CACHE_DIR: join(cwd, '.cache') }
    const env = { ...withoutNpmConfig(process.env), ...caches, NODE_ENV: 'production' }
    const child = spawn(command, args, { cwd, env, timeout: 120_000 })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code, output: output.trim() }))
  })
}

/** Returns the versions of @tanstack/db below a folder. */
function versionsOfTanstack(folder) {
  const found = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'db' && entry.parentPath.endsWith('@tanstack'))
    .map((entry) => join(entry.parentPath, entry.name, 'package.json'))
  return [...new Set(found.map((file) => JSON.parse(readFileSync(file, 'utf8')).version))].sort()
}

const rendered = 'Ada: Hello'

/** Says what is wrong with what a project prints; nothing where it shows the rows. */
function same(output) {
  return output === rendered ? undefined : `it printed ${JSON.stringify(output)}`
}

/** The same, for one that may say itself that there are two versions. */
function judge(output, versions) {
  if (output === rendered) return undefined
  const says = output.startsWith('duplicate-tanstack-db:') && versions.length > 1
  const names =
    versions.every((version) => output.includes(version)) && output.includes('Install one version')
  return says && names ? undefined : `${same(output)}, with @tanstack/db ${versions.join(' and ')}`
}

/** Checks one manager, and returns a line for each step. */
async function check(manager, folder, registry, stream) {
  writeProject(folder, registry)
  const lines = []
  for (const [index, step] of steps.entries()) {
    const name = `${manager} ${step.join(' ')}`
    const problem = async () => {
      const { code, output } = await execute([...managers[manager], ...step], folder)
      if (code !== 0) return `the install failed: ${output}`
      if (index === 0) {
        if (!runBin('tsc', ['-p', folder])) return 'the application does not compile'
        const script = `await (await import('./consumer.js')).run(process.argv[1])`
        const run = await execute([process.execPath, '--input-type=module', '-e', script, stream], folder)
        if (run.code !== 0) return `a live query without React failed: ${run.output}`
      }
      const versions = versionsOfTanstack(folder)
      let printed = await execute([process.execPath, 'render.mjs', stream], folder)
      let wrong = judge(printed.output, versions)
      if (index === steps.length - 1 && printed.output !== rendered) {
        for (const left of ['node_modules', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']) {
          rmSync(join(folder, left), { recursive: true, force: true })
        }
        await execute([...managers[manager], 'install'], folder)
        printed = await execute([process.execPath, 'render.mjs', stream], folder)
        wrong = same(printed.output)
      }
      if (wrong === undefined) lines.push([name, `@tanstack/db ${versions.join(', ')}: ${printed.output}`])
      return wrong
    }
    const wrong = await problem()
    if (wrong !== undefined) lines.push([name, undefined, wrong])
  }
  return lines
}

const server = new DurableStreamTestServer({ port: 0 })
const streams = await server.start()
const ok = await withTarballs(async (packed) => {
  const registry = await startRegistry(packed)
  // Outside of the workspace: inside, the managers would take it for the application's.
  const apps = mkdtempSync(join(tmpdir(), 'streamdb-installs-'))
  const folderOf = (manager) => join(apps, `app-${manager}`)
  try {
    const results = await Promise.all([
      ...Object.keys(managers).map((manager) =>
        check(manager, folderOf(manager), registry.url, `${streams}/${manager}`),
      ),
      checkStarter(packed, folderOf('starter'), registry.url),
    ])
    for (const [name, good, wrong] of results.flat()) {
      process.stdout.write(`${name}: ${wrong === undefined ? `passed, ${good}` : `FAILED, ${wrong}`}\n`)
      record(name, wrong === undefined ? 1 : 0, wrong === undefined ? 0 : 1)
    }
    return results.flat().every(([, , wrong]) => wrong === undefined)
  } finally {
    registry.stop()
    rmSync(apps, { recursive: true, force: true })
  }
})
await server.stop()
if (!ok) process.exitCode = 1
