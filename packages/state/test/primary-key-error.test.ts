import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

let folder: string

beforeAll(async () => {
  // Where the schema libraries are found.
  folder = await mkdtemp(join(root, 'node_modules', '.primary-key-error-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Compiles a program, and returns the compiler's errors: one for each line that is not indented. */
async function errorsOf(program: string): Promise<string[]> {
  await writeFile(
    join(folder, 'program.ts'),
    `import { type } from 'arktype'
     import * as v from 'valibot'
     import { z } from 'zod'
     import { createStateSchema } from '../../src/index.ts'
     void [type, v, z]
     ${program}`,
  )
  await writeFile(
    join(folder, 'tsconfig.json'),
    '{ "extends": "../../tsconfig.json", "include": ["program.ts"] }',
  )
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], (_error, stdout) => resolve(stdout))
  })
  return output.split('\n').filter((line) => /^\S.*error/.test(line))
}

test.each([
  ['zod', 'z.object({ id: z.string(), age: z.number(), done: z.boolean(), nick: z.string().optional() })'],
  [
    'valibot',
    'v.object({ id: v.string(), age: v.number(), done: v.boolean(), nick: v.optional(v.string()) })',
  ],
  ['arktype', "type({ id: 'string', age: 'number', done: 'boolean', 'nick?': 'string' })"],
])(
  '[F-real-38] a wrong primary key is one type error that names the fields: %s',
  async (_library, schema) => {
    for (const primaryKey of ['email', 'done', 'nick']) {
      const errors = await errorsOf(`
        createStateSchema({
          users: { schema: ${schema}, type: 'user', primaryKey: '${primaryKey}' },
          others: { schema: ${schema}, type: 'other', primaryKey: 'id' },
        })`)
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatch(/PrimaryKeyMustBeOneOf<("age" \| "id"|"id" \| "age")>/)
      expect(errors[0]).not.toContain('never')
    }
  },
  60_000,
)

test('[F-real-38] a schema without a field that could be one says so', async () => {
  const errors = await errorsOf(`
    createStateSchema({ flags: { schema: z.object({ on: z.boolean() }), type: 'flag', primaryKey: 'on' } })`)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain('PrimaryKeyMustBeOneOf<"this schema has no such field">')
}, 60_000)
