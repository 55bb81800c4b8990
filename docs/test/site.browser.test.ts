import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { launchChromium } from '@streamdb/testkit/chromium'
import type { Page } from '@streamdb/testkit/chromium'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sections } from '../site/pages.mjs'

const docs = join(import.meta.dirname, '..')
const site = join(docs, '.site')
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
}

let server: Server
let origin: string
let browser: Browser

beforeAll(async () => {
  // `.ci/run` has built it. Another build takes half a minute.
  if (process.env['CI'] === undefined || !existsSync(join(site, 'index.html'))) {
    const built = spawnSync(process.execPath, ['site/build.mjs'], { cwd: docs, encoding: 'utf8' })
    if (built.status !== 0) throw new Error(`The site was not built: ${built.stderr}`)
  }
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)
    const file = [path, `${path}.html`, join(path, 'index.html')]
      .map((name) => join(site, name))
      .find((name) => existsSync(name) && extname(name) !== '')
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': types[extname(file ?? '')] ?? '' })
    response.end(file === undefined ? undefined : readFileSync(file))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address with one.
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await launchChromium()
}, 180_000)

afterAll(async () => {
  await browser.close()
  server.close()
})

async function open(path: string, viewport = { width: 1280, height: 800 }): Promise<Page> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  page.on('request', (request) => void requested.push(request.url()))
  page.on('pageerror', (error) => void errors.push(error.message))
  await page.goto(`${origin}${path}`)
  return page
}
const requested: string[] = []
const errors: string[] = []

test('[G1] a word is found without any other server, by keyboard, and leads to its section', async () => {
  const page = await open('/')
  // The page listens from then on.
  await page.waitForFunction(`document.querySelector('#app').__vue_app__ !== undefined`)
  await page.keyboard.press('Control+k')
  const search = page.getByRole('searchbox')
  await search.fill('write-unknown')
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/write-unknown|#/)
  await page.getByRole('heading', { name: 'write-unknown' }).first().waitFor()
  expect(requested.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'))).toEqual([])
  expect(errors).toEqual([])
})

test('[G1] no page is wider than a phone', async () => {
  const page = await open('/getting-started', { width: 390, height: 844 })
  for (const path of ['/', '/getting-started', '/errors', '/concepts', '/sessions', '/api/@streamdb/db']) {
    await page.goto(`${origin}${path}`)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width, path).toBeLessThanOrEqual(390)
  }
})

test('[G2] every link of every page leads to a page and a heading, and every page has its text for programs', () => {
  const names = readdirSync(site, { recursive: true }).map(String)
  const pages = names.filter((name) => name.endsWith('.html') && name !== '404.html')
  const html = new Map(
    pages.map((name) => [`/${name.replace(/\.html$/, '')}`, readFileSync(join(site, name), 'utf8')]),
  )
  const problems: string[] = []
  for (const [page, text] of html) {
    for (const [, href = ''] of text.matchAll(/<a [^>]*href="(\/[^"]*|#[^"]*)"/g)) {
      const [path = '', anchor] = decodeURIComponent(href.replace(/\.html(?=#|$)/, '')).split('#')
      const target = path === '' ? page : path.endsWith('/') ? `${path}index` : path
      const found = html.get(target)
      if (found === undefined && !existsSync(join(site, target))) problems.push(`${page}: ${href}`)
      else if (anchor && found !== undefined && !found.includes(`id="${anchor}"`))
        problems.push(`${page}: ${href}`)
    }
  }
  expect(problems).toEqual([])
  expect(pages.length).toBeGreaterThan(50)
  const listed = new Set(sections.flatMap(({ pages: each }) => Object.values(each)))
  const documents = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'index.md')
  expect(documents.filter((name) => !listed.has(`docs/${name}`))).toEqual([])

  const index = readFileSync(join(site, 'llms.txt'), 'utf8')
  const linked = [...index.matchAll(/\]\(\/([^)]+)\)/g)].map(([, path = '']) => path)
  expect(linked.length).toBeGreaterThan(25)
  for (const path of linked) expect(existsSync(join(site, path)), path).toBe(true)
  expect(readFileSync(join(site, 'llms-full.txt'), 'utf8')).toContain('## Codes of StreamDBError')
})
