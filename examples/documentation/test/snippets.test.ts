import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runProgram } from '@streamdb/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { compile } from './compile.ts'
import { documents, snippetsOf } from './documents.ts'
import type { Snippet } from './documents.ts'

const here = fileURLToPath(new URL('..', import.meta.url))
const folder = join(here, 'snippets')
const snippets = documents().flatMap(snippetsOf)

/** The file that holds a snippet, so that a compiler's message says which it is. */
function fileOf({ where, language }: Snippet): string {
  return join(folder, `${where.replace(/[^\w]+/g, '-')}.${language}`)
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  // A snippet that declares something is a module, so that its names are its own.
  for (const snippet of snippets) writeFileSync(fileOf(snippet), `${snippet.code}\nexport {}\n`)
})

describe('the documents', () => {
  test('have snippets', () => {
    expect(snippets.some(({ where }) => where.startsWith('README.md'))).toBe(true)
    console.info(
      `${snippets.length} snippets, ${snippets.filter(({ prints }) => prints).length} of them are run`,
    )
  })

  test('every snippet compiles, as strictly as the project itself', async () => {
    expect(await compile('tsconfig.json')).toBe('')
  }, 60_000)

  test.each(snippets.filter(({ prints }) => prints !== undefined))(
    '[F-real-35] $where prints what it says, and ends by itself',
    async (snippet) => {
      // Killed, and so failed, where it does not end.
      const options = { external: ['@durable-streams/*'], timeout: 20_000 }
      expect(await runProgram(pathToFileURL(fileOf(snippet)), options)).toBe(snippet.prints)
    },
    30_000,
  )
})
