// Makes the application of `npm create streamdb` from the packed packages, as a user does, and does with it what the
// README says: install, check the types, test, build, and run it until its page and its streams answer.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withoutNpmConfig } from '../workspace.mjs'

const npmFlags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

/** Runs a command; resolves with its code and output. */
function execute(command, args, cwd) {
  return new Promise((resolve) => {
    const env = { ...withoutNpmConfig(process.env), NODE_ENV: undefined, CI: '1' }
    const child = spawn(command, args, { cwd, env, timeout: 180_000 })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code, output: output.trim() }))
  })
}

/** Starts `npm run dev` on free ports; resolves with what is wrong, or nothing, when it answered and was stopped. */
async function runDev(app) {
  // On ports of its own: the usual ones may be taken. In a group of its own, as Ctrl-C reaches all of a terminal's.
  const args = ['streamdb', 'dev', '--port', '0', '--', 'vite', '--port', '0', '--host', '127.0.0.1']
  const child = spawn('npx', args, {
    cwd: app,
    env: { ...withoutNpmConfig(process.env), NO_COLOR: '1' },
    detached: true,
  })
  let output = ''
  const closed = new Promise((resolve) => child.on('close', resolve))
  try {
    const page = await new Promise((resolve, reject) => {
      const read = (chunk) => {
        output += chunk
        const found = /Local:\s+(http:\S+)/.exec(output)
        if (found !== null) resolve(found[1])
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.on('close', () => reject(new Error('it ended')))
      child.on('error', reject)
    })
    const html = await (await fetch(page)).text()
    if (!html.includes('/src/main.tsx')) return `its page is ${html.slice(0, 200)}`
    const stream = new URL('/streams/todos', page)
    const made = await fetch(stream, { method: 'PUT', headers: { 'content-type': 'application/json' } })
    if (made.status !== 201) return `a stream cannot be made through its page: ${made.status}`
    const inspector = /inspector\s+(http:\S+)/.exec(output)
    if (inspector === null) return `it does not say where the inspector is`
    const inspectorPage = await fetch(inspector[1])
    if (!(await inspectorPage.text()).includes('StreamDB inspector'))
      return `the inspector is ${inspectorPage.status}`
    return undefined
  } catch (error) {
    return `${error.message}: ${output.slice(-500)}`
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await closed
  }
}

/** Checks the starter; returns a line for each step, as check-installs.mjs has them. */
export async function checkStarter(packed, folder, registry) {
  const tarballOf = (wanted) => packed.find(({ name }) => name === wanted).tarball
  const app = join(folder, 'my-app')
  mkdirSync(folder)
  const passes = async (command, ...args) => {
    const { code, output } = await execute(command, args, app)
    return code === 0 ? undefined : output.slice(-1_000)
  }
  const steps = {
    'npm create streamdb': async () => {
      const made = await execute(
        'npx',
        ['--yes', '--package', tarballOf('create-streamdb'), 'create-streamdb', 'my-app'],
        folder,
      )
      if (made.code !== 0) return made.output
      const again = await execute(
        'npx',
        ['--yes', '--package', tarballOf('create-streamdb'), 'create-streamdb', 'my-app'],
        folder,
      )
      if (again.code !== 2) return `a folder that is not empty is not refused: ${again.output}`
      writeFileSync(join(app, '.npmrc'), `@streamdb:registry=${registry}/\n`)
      // Without a scope it cannot have a registry of its own.
      const manifest = join(app, 'package.json')
      const text = readFileSync(manifest, 'utf8')
      writeFileSync(manifest, text.replace(/"streamdb": ".*"/, `"streamdb": "file:${tarballOf('streamdb')}"`))
      return undefined
    },
    'npm install': () => passes('npm', 'install', ...npmFlags),
    'npm run typecheck': () => passes('npm', 'run', 'typecheck'),
    'npm test': () => passes('npm', 'test'),
    'npm run build': () => passes('npm', 'run', 'build'),
    'npx streamdb dev -- vite': () => runDev(app),
  }
  const lines = []
  for (const [step, run] of Object.entries(steps)) {
    const startedAt = Date.now()
    const wrong = await run()
    const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`
    lines.push(wrong === undefined ? [`starter: ${step}`, took] : [`starter: ${step}`, undefined, wrong])
    if (wrong !== undefined) break
  }
  return lines
}
