// `npm run test:contract`: what StreamDB stands on in TanStack DB, against every version of the peer range.
// One version, or another one: TANSTACK_DB=0.15.2 npm run test:contract
// Other tests with it: TANSTACK_DB=0.14 npm run test:contract -- packages/db/test

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runBin, withoutNpmConfig } from './workspace.mjs'

/** The ends of the peer range, and the version that the workspace pins. `0.15` is the newest 0.15.x. */
const supported = ['0.14', '0.15.1', '0.15']

const { TANSTACK_DB: asked } = process.env
const filters = process.argv.slice(2)
if (filters.length === 0) filters.push('packages/db/test/contract')

for (const version of asked ? [asked] : supported) {
  const folder = install(version)
  if (folder === undefined) {
    process.exitCode = 1
    continue
  }
  const { version: found } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  process.stdout.write(`\n@tanstack/db ${found}\n`)
  const env = { ...process.env, TANSTACK_DB_FOLDER: folder }
  if (!runBin('vitest', ['run', '--project', 'db', ...filters], { env })) process.exitCode = 1
}

/** Installs a version into a temporary folder of its own; returns where it lies. */
function install(version) {
  const folder = join(tmpdir(), `streamdb-tanstack-db-${version}`)
  mkdirSync(folder, { recursive: true })
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  const env = withoutNpmConfig(process.env)
  if (!run('npm', [...args, `@tanstack/db@${version}`], { quiet: true, env })) return undefined
  const installed = join(folder, 'node_modules/@tanstack/db')
  return existsSync(installed) ? installed : undefined
}
