import { execFile, spawn, spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

// A terminal is what `script` of util-linux runs a command in; elsewhere there is another `script`, or none.
const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false
const inTerminal = hasTerminal ? test : test.skip

const root = fileURLToPath(new URL('..', import.meta.url))
let built: string
let folder: string

beforeAll(async () => {
  // Node finds the packages that are not in the file from here.
  ;[built, folder] = await Promise.all([
    mkdtemp(join(root, 'node_modules/.test-')),
    mkdtemp(join(tmpdir(), 'create-streamdb-')),
  ])
  await Promise.all([
    cp(join(root, 'package.json'), join(built, 'package.json')),
    cp(join(root, 'template'), join(built, 'template'), { recursive: true }),
    build({
      ...{ entryPoints: [join(root, 'src/main.ts')], outfile: join(built, 'dist/main.js') },
      ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' },
    }),
  ])
})

afterAll(async () => {
  await Promise.all([built, folder].map((each) => rm(each, { recursive: true, force: true })))
})

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(built, 'dist/main.js'), ...args],
      { cwd: folder },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

/** Runs the command in a terminal; presses the keys once it asks. */
function ask(keys: string): Promise<{ code: number | null; output: string }> {
  // Without a size each letter has a line of its own.
  const command = `stty cols 80 rows 24; '${process.execPath}' '${join(built, 'dist/main.js')}'`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm' },
  })
  let output = ''
  let isAsked = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (isAsked || !output.includes('y-app')) return
    isAsked = true
    child.stdin.write(keys)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

test('[K15] without a terminal nothing is asked: a folder is made, or refused with 2 and what to do', async () => {
  expect(await run('chat')).toMatchObject({
    code: 0,
    stdout: 'Made chat. Now:\n\n  cd chat\n  npm install\n  npm run dev\n',
  })
  expect(await readFile(join(folder, 'chat/src/app.tsx'), 'utf8')).toContain('useLiveQuery')
  expect(await run('chat')).toMatchObject({ code: 2, stderr: expect.stringContaining('is not empty') })
  expect((await run('a', 'b')).stderr).toContain('Expected one folder but received 2')
  expect((await run('--help')).stdout).toContain('npm create streamdb [folder]')
})

inTerminal('[K15] in a terminal it asks for the folder; Ctrl-C makes nothing', async () => {
  expect((await ask('talk\r')).code).toBe(0)
  expect((await ask('\u0003')).code).toBe(130)
  expect((await readdir(folder)).sort()).toEqual(['chat', 'talk'])
})
