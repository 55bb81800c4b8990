// What the scripts share: where the workspace is, which packages are published, how a result is counted.

import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Reads a JSON file of the workspace. */
export function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

/** Lists the packages that are published, each after those of them that it depends on. */
export function publicPackages() {
  const found = readdirSync(join(root, 'packages'))
    .filter((folder) => existsSync(join(root, 'packages', folder, 'package.json')))
    .map((folder) => ({
      folder,
      path: `packages/${folder}`,
      manifest: readJson(`packages/${folder}/package.json`),
    }))
    .filter(({ manifest }) => manifest.private !== true)
  const sorted = []
  const visit = (pkg) => {
    if (sorted.includes(pkg)) return
    for (const name of Object.keys(pkg.manifest.dependencies ?? {})) {
      const dependency = found.find(({ manifest }) => manifest.name === name)
      if (dependency !== undefined) visit(dependency)
    }
    sorted.push(pkg)
  }
  found.forEach(visit)
  return sorted
}

/** Says whether a package has a module that is imported, and not commands alone. */
export function hasModule({ manifest }) {
  return manifest.exports?.['.'] !== undefined
}

/** Runs a command of the workspace's `node_modules/.bin` and shows its output. Returns whether it succeeded. */
export function runBin(name, args, options = {}) {
  return run(join(root, 'node_modules/.bin', name), args, options)
}

/**
 * Returns `env` without the settings that npm hands to its scripts: pnpm would take them for its own.
 * Those that only say how to reach a registry mean the same to both, and stay.
 */
export function withoutNpmConfig(env) {
  const network = /^npm_config_(registry|proxy|https_proxy|noproxy|ca|cafile|strict_ssl)$/
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('npm_config_') || network.test(name)),
  )
}

/** Runs pnpm at the version that `package.json` pins. */
export function runPnpm(args, options = {}) {
  return run('npx', ['--yes', readJson('package.json').packageManager, ...args], {
    env: withoutNpmConfig(process.env),
    ...options,
  })
}

/** Runs a command. With `quiet` its output is shown only when it fails. */
export function run(command, args, { quiet = false, ...options } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? 'pipe' : 'inherit',
    encoding: 'utf8',
    ...options,
  })
  if (result.error !== undefined) process.stderr.write(`${command}: ${result.error.message}\n`)
  const ok = result.status === 0
  if (quiet && !ok) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  return ok
}

/**
 * Runs a command of `node_modules/.bin` beside others. Its output is shown in one piece, when it has ended. Resolves with
 * whether it succeeded.
 */
export function startBin(name, args) {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules/.bin', name), args, { cwd: root })
    const output = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => output.push(Buffer.from(`${name}: ${error.message}\n`)))
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(output))
      resolve(code === 0)
    })
  })
}

/** Maps items by `task`, as many side by side as there are cores. Resolves with the results in the order of the items. */
export async function sideBySide(items, task) {
  const results = []
  const left = [...items.entries()]
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, item] = next
      results[index] = await task(item)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return results
}

/** Adds a result to the file that `.ci/run` and `npm test` add up. */
export function record(name, passed, failed) {
  const file = process.env.STREAMDB_COUNTS
  if (file !== undefined) appendFileSync(file, `${passed} ${failed} ${name}\n`)
}

/** Says whether a module is the script that Node was started with. */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl)
}
