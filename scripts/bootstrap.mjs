// Installs the workspace's dependencies, unless this very state of the workspace has been installed already.
// `npm start` and `npm test` run it first. Node builtins only, here and in what this imports: a fresh clone has no more.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, readJson, root, withoutNpmConfig } from './workspace.mjs'

/** Lists every manifest of the workspace, the root's first, as the globs of `pnpm-workspace.yaml` name them. */
export function manifests(directory = root) {
  const yaml = readFileSync(join(directory, 'pnpm-workspace.yaml'), 'utf8')
  const globs = [...(/^packages:\n((?: {2}- .*\n)+)/m.exec(yaml)?.[1] ?? '').matchAll(/- (.+)/g)].map(
    ([, g]) => g,
  )
  const folders = globs.flatMap((glob) => {
    if (!glob.endsWith('/*')) return [glob]
    const parent = glob.slice(0, -2)
    if (!existsSync(join(directory, parent))) return []
    return readdirSync(join(directory, parent)).map((name) => `${parent}/${name}`)
  })
  return ['package.json', ...folders.map((folder) => `${folder}/package.json`).sort()].filter((file) =>
    existsSync(join(directory, file)),
  )
}

/** Hashes all that decides what an install puts on disk. */
export function stampOf(directory = root) {
  const hash = createHash('sha256').update(
    `${process.platform} ${process.arch} ${process.versions.node.split('.')[0]}\n`,
  )
  for (const file of [...manifests(directory), 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    hash.update(`${file}\n`).update(readFileSync(join(directory, file)))
  }
  return hash.digest('hex')
}

/** Installs, if something changed; with `update` in any case, and the lock file follows the manifests. */
function bootstrap(update) {
  const stampFile = join(root, 'node_modules/.streamdb-stamp')
  if (!update && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stampOf()) return 0

  // The one place that pins pnpm. (`devEngines.packageManager` would make npm refuse `npm start`.)
  const { packageManager } = readJson('package.json')
  const command = [
    '--yes',
    packageManager,
    'install',
    update ? '--no-frozen-lockfile' : '--frozen-lockfile',
    '--prefer-offline',
  ]
  process.stdout.write(`Installing dependencies: npx ${command.join(' ')}\n`)
  const { status, error } = spawnSync('npx', command, {
    cwd: root,
    stdio: 'inherit',
    env: withoutNpmConfig(process.env),
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    const reason = error === undefined ? `pnpm exited with ${status}` : error.message
    process.stderr.write(
      `The dependencies were not installed: ${reason}.\n` +
        'If a package.json changed on purpose, let the lock file follow: npm run lock\n',
    )
    return 1
  }
  writeFileSync(stampFile, stampOf())
  return 0
}

if (isMain(import.meta.url)) process.exitCode = bootstrap(process.argv.includes('--update'))
