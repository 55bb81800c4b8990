// Runs the tests that talk to a stream server on one of another maker, or on the embedded one in a process of its own:
//
//   npm run test:server -- --engine node|ds|ursula|ursula-cluster [--quick] [--browser] [--list] [-- FILES AND ARGUMENTS OF VITEST]
//
// The engine runs once, for all of them; each server of a test has stream names of its own on it. The files that restart their
// server come last, one at a time. `--quick` runs those that CI runs; `--browser` runs those of Chromium instead of those of
// Node; `--list` lists them, and runs none. Ends with how many passed, were skipped and why, and failed.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineNames } from './engines/catalog.mjs'
import { startControlServer } from './engines/control-server.mjs'
import { serverTests } from './engines/server-tests.mjs'
import { startEngine } from './engines/start-engine.mjs'
import { record, root } from './workspace.mjs'

const cut = process.argv.indexOf('--', 2)
const own = process.argv.slice(2, cut === -1 ? undefined : cut)
const flag = { type: 'boolean' }
const options = { engine: { type: 'string' }, quick: flag, browser: flag, list: flag }
const { values } = parseArgs({ args: own, options })
const name = values.engine
if (!engineNames.includes(name)) {
  process.stderr.write(`Which engine? npm run test:server -- --engine ${engineNames.join('|')}\n`)
  process.exit(1)
}
const given = cut === -1 ? [] : process.argv.slice(cut + 1)
const tests = serverTests(values).filter(({ isQuick }) => isQuick || !values.quick)
const isPath = (arg) => tests.some(({ file }) => file.includes(arg))
const paths = given.filter(isPath)
const chosen = tests.filter(({ file }) => paths.length === 0 || paths.some((path) => file.includes(path)))
const vitestArgs = given.filter((arg) => !isPath(arg))
if (values.list) {
  process.stdout.write(
    chosen.map(({ file, restarts }) => `${restarts ? 'alone  ' : 'beside '}${file}\n`).join(''),
  )
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'streamdb-test-server-'))
const outcomes = join(folder, 'outcomes')
writeFileSync(outcomes, '')
const engine = await startEngine(name, { dataDir: join(folder, 'data'), longPollTimeout: 1_000 })
const control = await startControlServer(engine)
process.stdout.write(`${name} at ${engine.url}, its logs in ${engine.logs}\n`)
const env = {
  ...process.env,
  STREAMDB_ENGINE: name,
  STREAMDB_SERVER_URL: new URL('.', engine.streamUrl('x')).href,
  STREAMDB_SERVER_CONTROL: control.url,
  STREAMDB_OUTCOMES: outcomes,
  ...(engine.streamUrl('a/b').includes('~') ? { STREAMDB_SERVER_FLAT: '1' } : {}),
}

let ok = true
try {
  for (const restarts of [false, true]) {
    const files = chosen.filter((test) => test.restarts === restarts).map(({ file }) => file)
    if (files.length > 0) ok = (await vitest(files, restarts ? ['--no-file-parallelism'] : [])) && ok
  }
} finally {
  control.close()
  await engine.kill()
}
report()
if (ok) rmSync(folder, { recursive: true, force: true })
else process.exitCode = 1

/** @returns {Promise<boolean>} */
function vitest(files, args) {
  const projects = values.browser
    ? ['browser']
    : 'state log db react persist server session examples'.split(' ')
  // A server that syncs each write to the disk takes longer.
  const all = ['run', '--testTimeout', '120000', ...projects.flatMap((each) => ['--project', each]), ...args]
  all.push('--reporter', 'default', '--reporter', join(root, 'scripts/engines/reporter.mjs'))
  const bin = join(root, 'node_modules/.bin/vitest')
  const child = spawn(bin, [...all, ...vitestArgs, ...files], { cwd: root, stdio: 'inherit', env })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false)).once('exit', (code) => resolve(code === 0))
  })
}

function report() {
  const results = readFileSync(outcomes, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  const of = (state) => results.filter((result) => result.state === state)
  const reasons = new Map()
  // Without a reason it is one of a name or a platform that was not asked for.
  for (const { note } of of('skipped')) if (note) reasons.set(note, (reasons.get(note) ?? 0) + 1)
  const skipped = [...reasons.values()].reduce((sum, count) => sum + count, 0)
  for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a))
    process.stdout.write(`  ${count} skipped: ${reason}\n`)
  for (const { name: test } of of('failed')) process.stdout.write(`  failed: ${test}\n`)
  const [passed, failed] = [of('passed').length, of('failed').length]
  process.stdout.write(`${name}: ${passed} passed, ${skipped} skipped, ${failed} failed\n`)
  record(`${values.browser ? 'browser tests' : 'tests'} on ${name}`, passed, failed === 0 && !ok ? 1 : failed)
}
