// @vitest-environment node
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')

const program = `
import { createStateSchema, createStreamDB, eq, useLiveInfiniteQuery, useLiveQuery, useLiveSuspenseQuery } from '../../src/index.ts'
import { z } from 'zod'

const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string().optional() }),
    type: 'message',
    primaryKey: 'id',
  },
})
const { users, messages } = createStreamDB({ streamOptions: { url: '' }, state }).collections

export const useRow = () => useLiveQuery({ query: (q) => q.from({ message: messages }) }).data[0]
export const useOne = () => useLiveQuery({ query: (q) => q.from({ message: messages }).findOne() }).data
export const useSuspended = () => useLiveSuspenseQuery({ query: (q) => q.from({ message: messages }) }).data[0]
export const usePage = () =>
  useLiveInfiniteQuery((q) => q.from({ message: messages }).orderBy(({ message }) => message.id), { pageSize: 1 }).data[0]
export const useJoined = () =>
  useLiveQuery({
    query: (q) => q.from({ message: messages }).join({ user: users }, ({ message, user }) => eq(message.userId, user.id)),
  }).data[0]
export const useSelected = () =>
  useLiveQuery({ query: (q) => q.from({ message: messages }).select(({ message }) => ({ id: message.id, message })) }).data[0]
export const row = messages.get('m1')
export const rows = messages.toArray
`

/** Returns the types of a program's exports, as an editor shows them. */
async function typesOf(source: string): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(root, 'packages/react/node_modules', '.row-types-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'program.ts'), source)
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: join(folder, 'types'),
    rootDir: root,
    noErrorTruncation: true,
  }
  const config = { extends: '../../tsconfig.json', compilerOptions, include: ['program.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'])
  const declarations = readFileSync(
    join(folder, 'types/packages/react/node_modules', folder.split('/').at(-1) ?? '', 'program.d.ts'),
    'utf8',
  )
  const matches = declarations.matchAll(/^export declare const (\w+): ([\s\S]*?);\n(?=export |$)/gm)
  return new Map([...matches].map(([, name = '', type = '']) => [name, type.replaceAll(/\s+/g, ' ')]))
}

test(
  '[F-real-41] the rows of queries and collections are shown by their fields',
  { timeout: 60_000 },
  async () => {
    const types = await typesOf(program)
    expect([...types.keys()].sort()).toEqual(
      ['row', 'rows', 'useJoined', 'useOne', 'usePage', 'useRow', 'useSelected', 'useSuspended'].sort(),
    )
    for (const [name, type] of types) {
      expect(`${name}: ${type}`).toMatch(/id: string;/)
      expect(`${name}: ${type}`).toMatch(/text\?: string \| undefined;/)
      // How the type is computed, and not what it is.
      expect(`${name}: ${type}`).not.toMatch(/RowOf|InferOutput|CollectionWithHelpers|ZodObject/)
    }
    for (const name of ['useRow', 'useOne', 'useSuspended', 'usePage']) {
      expect(`${name}: ${types.get(name)}`).not.toMatch(/WithVirtualProps/)
    }
  },
)
