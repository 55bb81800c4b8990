// Writes the pages of the site into `docs/.pages`, from the documents of the repository: links between documents become
// links between pages, links to other files lead to the repository, and pictures are copied.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readJson } from '../../scripts/workspace.mjs'
import { sections } from './pages.mjs'
import { titleAndSummary } from './title.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where the built pages are read from. */
export const pagesFolder = join(root, 'docs/.pages')

/** The repository, for links to files that are no page. */
const repository = readJson('packages/db/package.json').homepage.replace(/\/tree\/.*/, '')

/** Returns the address of every page by its document: the listed ones, and each decision. */
export function pageAddresses() {
  const listed = sections.flatMap(({ pages }) => Object.entries(pages).map(([page, file]) => [file, page]))
  const decisions = readdirSync(join(root, 'docs/decisions'))
    .filter((name) => /^\d/.test(name))
    .map((name) => [`docs/decisions/${name}`, `decisions/${name.replace(/\.md$/, '')}`])
  return new Map([['docs/index.md', 'index'], ...listed, ...decisions])
}

/**
 * Returns the text of a document with links that work on the site. `addresses` has the page of each document, `copied` takes the
 * pictures that the page shows.
 */
export function withSiteLinks(document, text, addresses, copied) {
  const link = (target) => {
    if (/^([a-z]+:|#|\/)/.test(target)) return target
    const [path, anchor] = target.split('#')
    const file = posix.join(posix.dirname(document), path)
    const page = addresses.get(file) ?? addresses.get(posix.join(file, 'README.md'))
    if (page !== undefined) return `/${page}${anchor === undefined ? '' : `#${anchor}`}`
    if (/\.(png|svg)$/.test(file)) {
      copied.add(file)
      return `/${posix.basename(file)}`
    }
    return `${repository}/blob/main/${file}${anchor === undefined ? '' : `#${anchor}`}`
  }
  // Code is left as it is, and so is what only looks like a link inside of it.
  return text
    .split(/(^ *```[\s\S]*?^ *```|`[^`\n]+`)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${link(target)})`)
            .replace(/^(\[[^\]]+\]: )(\S+)/gm, (_, name, target) => `${name}${link(target)}`),
    )
    .join('')
}

/** Writes all pages but the reference of the API. Returns them, in the order of the site. */
export function preparePages() {
  rmSync(pagesFolder, { recursive: true, force: true })
  mkdirSync(join(pagesFolder, 'public'), { recursive: true })
  const addresses = pageAddresses()
  const copied = new Set()
  const pages = [...addresses].map(([document, page]) => {
    const text = withSiteLinks(document, readFileSync(join(root, document), 'utf8'), addresses, copied)
    const file = join(pagesFolder, `${page}.md`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return { document, page, text, ...titleAndSummary(text) }
  })
  for (const picture of copied)
    copyFileSync(join(root, picture), join(pagesFolder, 'public', posix.basename(picture)))
  return pages
}
