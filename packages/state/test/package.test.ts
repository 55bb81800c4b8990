import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

const run = promisify(execFile)
const root = fileURLToPath(new URL('../', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

let built: string

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'streamdb-state-'))
  // With ECMAScript's own names and no others: what a browser or Node adds would be an error here.
  await run(process.execPath, [
    tsc,
    '-p',
    join(root, 'tsconfig.build.json'),
    '--lib',
    'ES2022',
    '--outDir',
    built,
  ])
  await writeFile(join(built, 'package.json'), '{ "type": "module" }')
}, 60_000)

afterAll(() => rm(built, { recursive: true, force: true }))

test('it has no runtime dependency', async () => {
  expect(Object.keys(manifest).filter((field) => /dependencies/i.test(field))).toEqual(['devDependencies'])
  const files = await readdir(join(root, 'src'))
  for (const file of files) {
    const source = await readFile(join(root, 'src', file), 'utf8')
    for (const [, specifier] of source.matchAll(/from '([^']+)'/g))
      expect(specifier, file).toMatch(/^\.\/[a-z-]+\.ts$/)
  }
})

test('as built it runs in plain Node, and in a worker', async () => {
  const program = `
    import { isMainThread, parentPort, Worker } from 'node:worker_threads'
    import { createStateSchema, MaterializedState } from './index.js'
    const schema = { '~standard': { version: 1, vendor: 'by-hand', validate: (value) => ({ value }) } }
    const { users } = createStateSchema({ users: { schema, type: 'user', primaryKey: 'id' } })
    const state = new MaterializedState()
    state.applyBatch([users.insert({ value: { id: '1', name: 'Ada' } }), users.delete({ key: '2' })])
    const text = JSON.stringify([...state.getType('user')])
    if (isMainThread) new Worker(new URL(import.meta.url)).on('message', (other) => console.log(text + other))
    else parentPort.postMessage(text)
  `
  await writeFile(join(built, 'program.js'), program)
  const { stdout, stderr } = await run(process.execPath, [join(built, 'program.js')])
  const rows = '[["1",{"id":"1","name":"Ada"}]]'
  expect(stderr).toBe('')
  expect(stdout.trim()).toBe(rows + rows)
})
