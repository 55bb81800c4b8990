import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toAppManifest } from './versions.ts'
import type { Manifest } from './versions.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Writes the application into a folder that is empty or does not exist. */
export function writeApp(folder: string, name: string): void {
  const own = readManifest(join(root, 'package.json'))
  const template = readManifest(join(root, 'template/package.json'))
  const manifest = toAppManifest(template, name, own.devDependencies)
  cpSync(join(root, 'template'), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  // npm leaves a .gitignore out of what it publishes.
  renameSync(join(folder, '_gitignore'), join(folder, '.gitignore'))
  const readme = join(folder, 'README.md')
  writeFileSync(readme, readFileSync(readme, 'utf8').replace(/^# .*$/m, `# ${name}`))
}

function readManifest(path: string): Manifest {
  // Files of this package.
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}
