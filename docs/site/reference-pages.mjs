// Lists the pages that `reference.mjs` has written.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pagesFolder } from './prepare.mjs'

/** Lists the pages of the reference for the sidebar. */
export function referencePages(folder = join(pagesFolder, 'api')) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.md') && file !== 'index.md')
    .map((file) => file.replace(/(\/index)?\.md$/, ''))
    .sort()
    .map((page) => ({ text: page, link: `/api/${page}` }))
}
