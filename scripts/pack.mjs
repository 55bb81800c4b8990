// Packs the published packages as a registry would get them. `npm run pack` leaves the tarballs in dist/, and prints how
// to install all of them at once.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, stampOfSources } from './build.mjs'
import { isMain, publicPackages, root, runPnpm } from './workspace.mjs'

/** Packs what is built into `folder`. Returns `[{ name, tarball }]` in the order of dependencies, or false where one fails. */
function packInto(folder) {
  const packed = []
  for (const pkg of publicPackages()) {
    const destination = join(folder, pkg.folder)
    mkdirSync(destination, { recursive: true })
    const args = ['--dir', pkg.path, 'pack', '--pack-destination', destination]
    if (!runPnpm(args, { quiet: true })) return false
    packed.push({ name: pkg.manifest.name, tarball: join(destination, readdirSync(destination)[0]) })
  }
  return packed
}

/**
 * Builds and packs, and gives `task` the tarballs, to be read: `[{ name, tarball }]`, in the order of dependencies. Returns
 * what `task` returns, or false when a package could not be packed. The checks share them as long as no source changes.
 */
export async function withTarballs(task) {
  if (!(await buildAll())) return false
  const folder = join(root, 'node_modules/.streamdb/packed')
  const list = join(folder, 'packed.json')
  const stamp = stampOfSources()
  const last = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : undefined
  if (last?.stamp === stamp) return await task(last.packed)
  rmSync(folder, { recursive: true, force: true })
  const packed = packInto(folder)
  if (packed === false) return false
  writeFileSync(list, JSON.stringify({ stamp, packed }))
  return await task(packed)
}

if (isMain(import.meta.url)) {
  const folder = join(root, 'dist')
  rmSync(folder, { recursive: true, force: true })
  const packed = (await buildAll({ always: true })) && packInto(folder)
  if (packed === false) process.exit(1)
  const paths = packed
    .filter(({ name }) => name !== 'create-streamdb')
    .map(({ tarball }) => `  ${tarball}`)
    .join(' \\\n')
  process.stdout.write(
    `Packed ${packed.map(({ name }) => name).join(', ')}. In your application, install all of them at once, with React:\n\n` +
      `npm install react react-dom \\\n${paths}\n`,
  )
}
