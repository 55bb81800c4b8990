import { defineConfig } from 'vitepress'
import { anchorOf } from '../../scripts/check-docs.mjs'
import { sections, sidebarItems } from '../site/pages.mjs'
import { referencePages } from '../site/reference-pages.mjs'

const repository = 'https://github.com/streamdb/streamdb'

export default defineConfig({
  title: 'StreamDB',
  description: 'A reactive, typed database on an append-only log behind a URL',
  lang: 'en',
  // Where the site does not lie at the root of its host: DOCS_BASE=/streamdb/ npm run docs
  base: process.env['DOCS_BASE'] ?? '/',
  srcDir: '.pages',
  outDir: '.site',
  cleanUrls: false,
  lastUpdated: false,
  markdown: { anchor: { slugify: anchorOf }, toc: { slugify: anchorOf } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Errors', link: '/errors' },
      { text: 'API', link: '/api/' },
      { text: 'Specification', link: '/specification' },
    ],
    sidebar: [
      ...sections.map(({ text, pages }) => ({ text, collapsed: false, items: sidebarItems(pages) })),
      { text: 'API reference', collapsed: true, items: referencePages() },
    ],
    socialLinks: [{ icon: 'github', link: repository }],
  },
})
