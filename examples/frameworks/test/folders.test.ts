import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..')
const frameworks = ['vue', 'svelte', 'solid'] as const

test('[B3] each folder can be read alone: the database is one file, three times', () => {
  const [vue, ...others] = frameworks.map((name) =>
    readFileSync(join(folder, name, 'src/database.ts'), 'utf8'),
  )
  expect(others).toEqual([vue, vue])
})

test('[B3] what the documentation shows of a framework is in a file of its folder', () => {
  const text = readFileSync(join(folder, '../../docs/frameworks.md'), 'utf8')
  const snippets = [...text.matchAll(/^```(?:ts|vue|svelte|jsx)\n([\s\S]*?)\n```$/gm)].map(
    ([, code = '']) => code,
  )
  expect(snippets).toHaveLength(7)
  const files = frameworks.flatMap((name) =>
    readdirSync(join(folder, name, 'src')).map((file) =>
      readFileSync(join(folder, name, 'src', file), 'utf8'),
    ),
  )
  for (const snippet of snippets)
    expect(files.filter((file) => file.includes(snippet)).length, snippet).toBeGreaterThan(0)
})
