import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { manifests, stampOf } from '../bootstrap.mjs'
import { withoutNpmConfig } from '../workspace.mjs'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

function workspace(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'streamdb-bootstrap-'))
  folders.push(folder)
  const all = {
    'package.json': '{}',
    'pnpm-lock.yaml': '',
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n  - examples/*\n  - bench\n\ncatalog:\n  zod: 4.0.0\n',
    'packages/db/package.json': '{}',
    'packages/db/node_modules/zod/package.json': '{}',
    'packages/notes.txt': '',
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

test('finds the manifests that the workspace file names, and no others', () => {
  const folder = workspace({ 'examples/history/package.json': '{}' })
  expect(manifests(folder)).toEqual([
    'package.json',
    'examples/history/package.json',
    'packages/db/package.json',
  ])
})

test('the stamp changes with a manifest, the lock file and the workspace file, and with nothing else', () => {
  const stamp = stampOf(workspace())
  expect(stampOf(workspace())).toBe(stamp)
  expect(stampOf(workspace({ 'packages/db/src/index.ts': 'export {}' }))).toBe(stamp)
  expect(stampOf(workspace({ 'packages/db/package.json': '{ }' }))).not.toBe(stamp)
  expect(stampOf(workspace({ 'bench/package.json': '{}' }))).not.toBe(stamp)
  expect(stampOf(workspace({ 'pnpm-lock.yaml': 'x' }))).not.toBe(stamp)
})

test('what npm tells its scripts is kept from pnpm, but not how to reach a registry', () => {
  expect(
    withoutNpmConfig({
      PATH: '/bin',
      npm_config_yes: 'true',
      npm_config_registry: 'r',
      npm_package_name: 'x',
    }),
  ).toEqual({ PATH: '/bin', npm_config_registry: 'r', npm_package_name: 'x' })
})
