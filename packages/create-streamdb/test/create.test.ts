import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkFolder, toPackageName } from '../src/app-folder.ts'
import { toAppManifest } from '../src/versions.ts'
import { writeApp } from '../src/write-app.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'create-streamdb-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('[K15] a folder that is not empty is refused; one that holds a fresh repository is not', () => {
  expect(checkFolder(join(folder, 'new app'))).toMatchObject({ type: 'usable', name: 'new-app' })
  mkdirSync(join(folder, '.git'))
  expect(checkFolder(folder).type).toBe('usable')
  writeFileSync(join(folder, 'notes.txt'), '')
  expect(checkFolder(folder)).toMatchObject({
    type: 'unusable',
    message: expect.stringContaining('notes.txt'),
  })
  expect(checkFolder(join(folder, 'notes.txt')).type).toBe('unusable')
  expect(checkFolder('').type).toBe('unusable')
})

test.each([
  ['My App', 'my-app'],
  ['.hidden', 'hidden'],
  ['日本', 'my-app'],
  ['chat_2', 'chat_2'],
])('the folder %s gives the package %s', (name, expected) => {
  expect(toPackageName(name)).toBe(expected)
})

test('[K15] the application has its name, the versions of this package, a .gitignore and no leftovers', () => {
  const app = join(folder, 'app')
  writeApp(app, 'app')
  const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as {
    name: string
    scripts: object
    dependencies: Record<string, string>
  }
  expect(manifest.name).toBe('app')
  expect(manifest.scripts).toMatchObject({ dev: 'streamdb dev -- vite', test: 'vitest run' })
  expect(Object.values(manifest.dependencies)).not.toContain('*')
  expect(existsSync(join(app, '.gitignore'))).toBe(true)
  expect(existsSync(join(app, '_gitignore'))).toBe(false)
  expect(readFileSync(join(app, 'README.md'), 'utf8')).toMatch(/^# app$/m)
})

test('versions: patches of others, exactly ours, and none that is unknown', () => {
  const template = { name: 'x', dependencies: { react: '*', '@streamdb/react': '*' }, devDependencies: {} }
  expect(toAppManifest(template, 'y', { react: '19.3.1', '@streamdb/react': '1.2.3' })).toMatchObject({
    name: 'y',
    dependencies: { react: '~19.3.1', '@streamdb/react': '1.2.3' },
  })
  expect(() => toAppManifest(template, 'y', {})).toThrow('react')
})
