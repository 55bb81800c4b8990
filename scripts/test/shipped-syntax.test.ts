import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Returns the modules that a package ships, without comments and types. */
function shippedBy(name: string): { file: string; code: string }[] {
  const folder = join(root, 'packages', name, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => {
      const source = readFileSync(join(folder, file), 'utf8')
      const loader = file.endsWith('x') ? 'tsx' : 'ts'
      return { file, code: transformSync(source, { loader, legalComments: 'none', minifySyntax: true }).code }
    })
}

// Hermes, and Babel where Jest runs it, parse neither. (check-runtimes.mjs runs what is built in the runtimes themselves.)
describe.each(['state', 'log', 'db', 'react'])('[F-real-23] @streamdb/%s', (name) => {
  test('ships no import.meta, no top-level await and no import that is computed', () => {
    const modules = shippedBy(name)
    expect(modules.length).toBeGreaterThan(5)
    for (const { file, code } of modules) {
      expect({
        file,
        found: code.match(/\bimport\.meta\b|^await\b|^for await\b|\bimport\((?!["'])/m),
      }).toEqual({
        file,
        found: null,
      })
    }
  })
})
