// Writes `llms.txt` (https://llmstxt.org: the pages with a sentence each) and `llms-full.txt` (their whole text).

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sections } from './pages.mjs'
import { pagesFolder } from './prepare.mjs'

/** Writes both files for the pages that `preparePages` returned. */
export function writeLlms(pages) {
  const byDocument = new Map(pages.map((page) => [page.document, page]))
  const home = byDocument.get('docs/index.md')
  const parts = sections.map(({ text, pages: listed }) => {
    const lines = Object.values(listed)
      .map((document) => byDocument.get(document))
      .filter((page) => page !== undefined)
      .map(({ page, title, summary }) => `- [${title}](/${page}.md): ${summary}`)
    return `## ${text}\n\n${lines.join('\n')}\n`
  })
  const head = `# StreamDB\n\n> ${home?.summary ?? ''}\n`
  writeFileSync(join(pagesFolder, 'public/llms.txt'), [head, ...parts].join('\n'))
  const texts = pages
    .filter(({ document }) => document !== 'docs/index.md')
    .map(({ page, text }) => `<!-- /${page} -->\n\n${text.trim()}\n`)
  writeFileSync(join(pagesFolder, 'public/llms-full.txt'), [head, ...texts].join('\n'))
}
