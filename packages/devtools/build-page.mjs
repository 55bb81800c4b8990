// Builds the page of its own: one HTML document with its script in it. `node build-page.mjs` puts it into dist/, in the place
// of src/page/files.ts, which builds it when it is asked for.

import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Builds the page in memory. */
export async function buildPage() {
  const built = await build({
    ...{ root, configFile: false, logLevel: 'warn', mode: 'production' },
    // Whatever `NODE_ENV` is where it is built: a test's is another.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    build: {
      ...{ write: false, reportCompressedSize: false, modulePreload: false, chunkSizeWarningLimit: 2_000 },
      rolldownOptions: { input: join(root, 'src/page-app/main.tsx'), output: { format: 'iife' } },
    },
  })
  const [chunk] = built.output
  // As HTML ends a script at its first end tag, wherever that stands.
  const script = chunk.code.replaceAll('</script', '<\\/script')
  const hash = createHash('sha256').update(script).digest('base64')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'%3E%3Crect width='20' height='20' rx='5' fill='%234f46e5'/%3E%3Cpath d='M5 6.5h7M5 10h10M5 13.5h5' stroke='white' stroke-width='1.6' stroke-linecap='round'/%3E%3C/svg%3E">
<title>StreamDB inspector</title>
</head>
<body>
<script type="module">${script}</script>
</body>
</html>
`
  return { html, scriptHashes: [hash] }
}

/** Puts the built page into dist/, once: the CommonJS file reads the same one. */
async function main() {
  const page = JSON.stringify(await buildPage())
  mkdirSync(join(root, 'dist/page'), { recursive: true })
  writeFileSync(join(root, 'dist/page/document.cjs'), `module.exports = ${page}\n`)
  writeFileSync(
    join(root, 'dist/page/files.js'),
    "import document from './document.cjs'\nexport async function pageDocument() {\n  return document\n}\n",
  )
  writeFileSync(
    join(root, 'dist/cjs/page/files.js'),
    "exports.pageDocument = async () => require('../../page/document.cjs')\n",
  )
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await main()
