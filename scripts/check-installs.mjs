// Installs the packed packages into an empty project, as an application would, by npm and by pnpm; compiles
// `install/consumer.ts` against them, and runs it. Nothing in the workspace itself can show what this shows.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { spawn } from 'node:child_process'
import { DurableStreamTestServer } from '@durable-streams/server'
import { withTarballs } from './pack.mjs'
import { record, root, run, runBin, runPnpm, withoutNpmConfig } from './workspace.mjs'

const managers = {
  npm: (cwd) =>
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
      cwd,
      env: withoutNpmConfig(process.env),
      quiet: true,
    }),
  pnpm: (cwd) => runPnpm(['install', '--prefer-offline'], { cwd, quiet: true }),
}

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

/** Writes the project of an application that has the packages, and React, as its dependencies. */
function writeProject(folder, packed, react) {
  const files = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]))
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: { ...files, react },
      // Unpublished, they depend on each other by a version that no registry has. npm finds it installed; pnpm asks.
      pnpm: { overrides: files },
    }),
  )
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  copyFileSync(join(root, 'scripts/install/consumer.ts'), join(folder, 'consumer.ts'))
}

/** Counts the copies of @tanstack/db below a folder. More than one breaks every live query. */
function copiesOfTanstack(folder) {
  return readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'db' && entry.parentPath.endsWith('@tanstack'))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Runs the consumer in its folder against a stream, and returns what it prints. */
function runConsumer(cwd, url) {
  const code = `console.log(JSON.stringify(await (await import('./consumer.js')).run(${JSON.stringify(url)})))`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd, timeout: 30_000 })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', () => resolve(output.trim()))
  })
}

const expected = '["Ada: Hello"]'

async function check(manager, folder, url) {
  if (!managers[manager](folder)) return 'the install failed'
  const copies = copiesOfTanstack(folder)
  if (copies.length !== 1) return `${copies.length} copies of @tanstack/db: ${copies.join(', ')}`
  if (!runBin('tsc', ['-p', folder])) return 'the application does not compile'
  const output = await runConsumer(folder, url)
  return output === expected ? undefined : `the application printed ${output}, expected ${expected}`
}

const server = new DurableStreamTestServer({ port: 0 })
const url = await server.start()
const ok = await withTarballs(async (packed) => {
  const react = /^ {2}react: (.+)$/m.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))[1]
  let good = true
  for (const manager of Object.keys(managers)) {
    const folder = join(dirname(dirname(packed[0].tarball)), `app-${manager}`)
    writeProject(folder, packed, react)
    const problem = await check(manager, folder, `${url}/${manager}`)
    process.stdout.write(
      `install by ${manager}: ${problem === undefined ? 'passed' : `FAILED, ${problem}`}\n`,
    )
    record(`install by ${manager}`, problem === undefined ? 1 : 0, problem === undefined ? 0 : 1)
    good &&= problem === undefined
  }
  return good
})
await server.stop()
if (!ok) process.exitCode = 1
