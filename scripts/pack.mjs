// Packs the published packages as a registry would get them. `npm run pack` leaves the tarballs in dist/, and prints how
// to install all of them at once.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildAll } from './build.mjs'
import { isMain, publicPackages, root, runPnpm } from './workspace.mjs'

/** Builds and packs into `folder`. Returns `[{ name, tarball }]` in the order of dependencies, or false where one fails. */
function packInto(folder) {
  if (!buildAll()) return false
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
 * Builds and packs into a temporary folder, and gives `task` the tarballs: `[{ name, tarball }]`, in the order of
 * dependencies. Returns what `task` returns, or false when a package could not be packed. The tarballs are gone afterwards.
 */
export async function withTarballs(task) {
  const folder = mkdtempSync(join(tmpdir(), 'streamdb-pack-'))
  try {
    const packed = packInto(folder)
    return packed === false ? false : await task(packed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (isMain(import.meta.url)) {
  const folder = join(root, 'dist')
  rmSync(folder, { recursive: true, force: true })
  const packed = packInto(folder)
  if (packed === false) process.exit(1)
  const paths = packed.map(({ tarball }) => `  ${tarball}`).join(' \\\n')
  process.stdout.write(
    `Packed ${packed.map(({ name }) => name).join(', ')}. In your application, install all of them at once, with React:\n\n` +
      `npm install react react-dom \\\n${paths}\n`,
  )
}
