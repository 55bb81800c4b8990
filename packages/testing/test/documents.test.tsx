// @vitest-environment jsdom
// The snippets of the documents are tests: each is imported here, and what it defines runs as a part of this file.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const folder = join(import.meta.dirname, 'snippets')
const snippets = ['docs/testing.md', 'packages/testing/README.md'].flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8')
  return [...text.matchAll(/^```(tsx?)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = ''], index) => ({
    name: `${document.replace(/\W+/g, '-')}-${index + 1}.${language}`,
    code,
  }))
})

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
describe('[E8] the snippets of the documents', async () => {
  test('are tests, each of them', () => {
    expect(snippets.length).toBeGreaterThan(5)
    for (const { code } of snippets) expect(code).toContain('\ntest(')
  })
  for (const { name, code } of snippets) {
    writeFileSync(join(folder, name), code)
    await import(/* @vite-ignore */ join(folder, name))
  }
})
