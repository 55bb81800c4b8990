import { safeRandomUUID } from '@streamdb/react'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { documents, root, snippetsOf } from './documents.ts'

afterEach(() => void vi.unstubAllGlobals())

test('[F-real-26] ids are made on plain http, where crypto.randomUUID is missing', () => {
  const { crypto } = globalThis
  vi.stubGlobal('crypto', {
    getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes),
  })
  const ids = Array.from({ length: 100 }, () => safeRandomUUID())
  expect(new Set(ids).size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
})

test('[F-real-26] no document and no example calls crypto.randomUUID in a page', () => {
  const sources = ['chat', 'history'].flatMap((example) => {
    const folder = join(root, 'examples', example, 'src')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => ({
        where: `examples/${example}/src/${file}`,
        code: readFileSync(join(folder, file), 'utf8'),
      }))
  })
  const all = [...documents().flatMap(snippetsOf), ...sources]
  expect(all.length).toBeGreaterThan(20)
  expect(all.filter(({ code }) => /crypto\.randomUUID\(/.test(code)).map(({ where }) => where)).toEqual([])
})
