// @ts-check
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { assertEngineName, binaryPath, crateOf, engineNames, installFolder } from './catalog.mjs'

// Installs stream servers, each pinned, with the lock file of its crate: npm run engines:install -- ds ursula
// Does nothing for one that is installed. Nothing else builds one.

const names = process.argv.slice(2)
const unknown = names.filter((name) => !engineNames.some((known) => known === name))
if (names.length === 0 || unknown.length > 0) {
  const what = unknown.length > 0 ? `There is no engine ${unknown.join(', ')}. ` : ''
  process.stderr.write(
    `${what}Which of ${engineNames.join(', ')}? Ursula takes 20 minutes and more to build.\n`,
  )
  process.exit(1)
}
for (const name of names) {
  assertEngineName(name)
  const crate = crateOf(name)
  if (crate === undefined) process.stdout.write(`${name}: nothing to install, it comes with npm\n`)
  else if (existsSync(binaryPath(crate))) process.stdout.write(`${name}: ${binaryPath(crate)}\n`)
  else await install(name, crate)
}

/**
 * @param {string} name
 * @param {import('./catalog.mjs').Crate} crate
 */
async function install(name, crate) {
  const started = Date.now()
  process.stdout.write(
    `${name}: building ${crate.crate} ${crate.version}, about ${crate.minutes} CPU minutes\n`,
  )
  const args = [
    'install',
    crate.crate,
    '--version',
    crate.version,
    '--locked',
    '--root',
    installFolder(crate),
  ]
  const cargo = spawn('cargo', args, { stdio: ['ignore', 'inherit', 'pipe'] })
  /** @type {string[]} */
  const lines = []
  let compiled = 0
  createInterface({ input: cargo.stderr }).on('line', (line) => {
    lines.push(line)
    if (/^\s*Compiling /.test(line)) compiled += 1
  })
  // A terminal has one line that changes, a file a line each half minute.
  const { isTTY } = process.stdout
  const progress = setInterval(
    () => {
      const seconds = Math.round((Date.now() - started) / 1000)
      const text = `${name}: ${seconds} s, ${compiled} crates, ${(lines.at(-1) ?? '').trim()}`
      process.stdout.write(
        isTTY ? `\r\u001b[K${text.slice(0, (process.stdout.columns || 80) - 1)}` : `${text}\n`,
      )
    },
    isTTY ? 500 : 30_000,
  )
  /** @type {number | Error} */
  const result = await new Promise((resolve) => {
    cargo.once('error', resolve)
    cargo.once('close', (code) => resolve(code ?? 1))
  })
  clearInterval(progress)
  if (isTTY) process.stdout.write('\r\u001b[K')
  if (result instanceof Error) {
    process.stderr.write(`${name}: it is built with cargo, which could not be started: ${result.message}\n`)
    process.exit(1)
  }
  if (result !== 0 || !existsSync(binaryPath(crate))) {
    process.stderr.write(`${lines.slice(-20).join('\n')}\n${name}: cargo ended with ${result}\n`)
    process.exit(1)
  }
  process.stdout.write(
    `${name}: ${binaryPath(crate)}, built in ${Math.round((Date.now() - started) / 1000)} s\n`,
  )
}
