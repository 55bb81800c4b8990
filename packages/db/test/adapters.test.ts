import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { roomServer } from '@streamdb/testkit/rooms'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

const folder = fileURLToPath(new URL('./adapters/', import.meta.url))

/** The compiler of Svelte, as far as it is used here. */
interface SvelteCompiler {
  compile(source: string, options: object): { readonly js: { readonly code: string } }
  compileModule(source: string, options: object): { readonly js: { readonly code: string } }
}

let svelte: Plugin

beforeAll(async () => {
  const path = createRequire(join(folder, 'package.json')).resolve('svelte/compiler')
  const { compile, compileModule } = (await import(pathToFileURL(path).href)) as SvelteCompiler
  svelte = {
    name: 'svelte',
    setup({ onLoad }) {
      const options = { generate: 'client', css: 'injected' }
      onLoad({ filter: /\.svelte$/ }, ({ path: filename }) => {
        const { js } = compile(readFileSync(filename, 'utf8'), { ...options, filename })
        return { contents: js.code, loader: 'js' }
      })
      onLoad({ filter: /\.svelte\.js$/ }, ({ path: filename }) => {
        const { js } = compileModule(readFileSync(filename, 'utf8'), { generate: 'client', filename })
        return { contents: js.code, loader: 'js' }
      })
    },
  }
})

/** Bundles a program as for a browser, and runs it; resolves with the lines that it prints. */
async function linesOf(program: string, url: string): Promise<string[]> {
  const outdir = mkdtempSync(join(folder, 'node_modules', '.run-'))
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }))
  const { metafile } = await build({
    entryPoints: [join(folder, program)],
    outfile: join(outdir, 'program.mjs'),
    bundle: true,
    metafile: true,
    format: 'esm',
    target: 'node20',
    conditions: ['svelte', 'browser'],
    plugins: [svelte],
    logLevel: 'error',
  })
  const copies = new Set(
    Object.keys(metafile.inputs).flatMap((file) => /.*\/@tanstack\/db\/(?=dist\/)/.exec(file) ?? []),
  )
  expect(copies.size).toBe(1)
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(outdir, 'program.mjs'), url], { timeout: 20_000 })
    let output = ''
    child.stdout.on('data', (text: Buffer) => (output += text.toString()))
    child.stderr.on('data', (text: Buffer) => (output += text.toString()))
    child.on('close', () => resolve(output.trim().split('\n')))
  })
}

test.each(['vue.ts', 'solid.ts', 'svelte.svelte.js'])(
  '[F-moving-8] the adapter of %s works under the override of @tanstack/db',
  async (program) => {
    const user = { type: 'user', key: '1', value: { id: '1', name: 'Ada' }, headers: { operation: 'insert' } }
    const url = await (await roomServer()).createStream(undefined, { items: [user] })
    expect(await linesOf(program, url)).toEqual(['Ada', 'Ada Grace'])
  },
  60_000,
)
