// Builds the site: node docs/site/build.mjs [--prepare]
// It is in `docs/.site` then, as files that any web server can serve. With --prepare only the pages are written, for `vitepress dev`.

import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vitepress'
import { writeLlms } from './llms.mjs'
import { pagesFolder, preparePages } from './prepare.mjs'
import { writeReference } from './reference.mjs'

const docs = fileURLToPath(new URL('..', import.meta.url))
const pages = preparePages()
writeLlms(pages)
await writeReference()
if (!process.argv.includes('--prepare')) {
  await build(docs)
  // The text of each page, for readers that are programs.
  for (const { page } of pages) {
    const file = join(docs, '.site', `${page}.md`)
    mkdirSync(dirname(file), { recursive: true })
    copyFileSync(join(pagesFolder, `${page}.md`), file)
  }
}
