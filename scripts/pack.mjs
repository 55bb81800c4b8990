// Packs the published packages as a registry would get them, into a temporary folder.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildAll } from './build.mjs'
import { publicPackages, runPnpm } from './workspace.mjs'

/**
 * Builds and packs, and gives `task` the folder of each tarball: `[{ name, tarball }]`, in the order of dependencies.
 * Returns what `task` returns, or false when a package could not be packed. The tarballs are gone afterwards.
 */
export async function withTarballs(task) {
  const folder = mkdtempSync(join(tmpdir(), 'streamdb-pack-'))
  try {
    if (!buildAll()) return false
    const packed = []
    for (const pkg of publicPackages()) {
      const destination = join(folder, pkg.folder)
      mkdirSync(destination)
      const args = ['--dir', pkg.path, 'pack', '--pack-destination', destination]
      if (!runPnpm(args, { quiet: true })) return false
      packed.push({ name: pkg.manifest.name, tarball: join(destination, readdirSync(destination)[0]) })
    }
    return await task(packed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
