import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { inspectorPage } from '../src/page/index.ts'

const million = 1_000_000
const pages = 10

/** A page of a log of a million events over a hundred thousand rows. */
function pageOf(page: number): string {
  const count = million / pages
  const events = Array.from({ length: count }, (_, index) => {
    const number = page * count + index
    const value = { size: number, ...(number === 654_321 && { mark: 'needle' }) }
    return JSON.stringify({
      type: number % 10 === 0 ? 'user' : 'note',
      key: `k${number % 100_000}`,
      value,
      headers: { operation: 'upsert' },
    })
  })
  return `[${events.join(',')}]`
}

/** Answers as a stream server does; whoever follows the log waits. */
function answerStream(url: URL, response: ServerResponse): void {
  const offset = url.searchParams.get('offset') ?? '-1'
  const page = offset === '-1' ? 0 : Number(offset)
  const headers = { 'content-type': 'application/json', 'stream-next-offset': String(page + 1) }
  if (page >= pages) {
    if (url.searchParams.has('live')) return
    response.writeHead(200, { ...headers, 'stream-next-offset': String(page), 'stream-up-to-date': 'true' })
    response.end('[]')
    return
  }
  response.writeHead(200, { ...headers, ...(page === pages - 1 && { 'stream-up-to-date': 'true' }) })
  response.end(pageOf(page))
}

/** Serves the page and the stream; returns the origin. */
async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/stream') return answerStream(url, response)
    void inspectorPage(new Request(url)).then(async (page) => {
      response.writeHead(page?.status ?? 404, Object.fromEntries(page?.headers ?? []))
      response.end(await page?.text())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  return `http://127.0.0.1:${address.port}`
}

test(
  '[V33] a million events: the list scrolls, filters and goes back in time with as many lines as fit',
  { timeout: 180_000 },
  async () => {
    const origin = await serve()
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
    })
    onTestFinished(() => browser.close())
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(60_000)
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    const started = performance.now()
    await page.goto(`${origin}/inspector?stream=/stream`)
    const list = page.getByRole('listbox')
    const lines = list.getByRole('option')
    await page
      .getByRole('status')
      .filter({ hasText: /^1,000,000$/ })
      .waitFor()
    const loaded = performance.now() - started

    // Long tasks from here on are those of using it.
    await page.evaluate(() => {
      const tasks: number[] = []
      Object.assign(globalThis, { tasks })
      new PerformanceObserver((entries) => {
        for (const { duration } of entries.getEntries()) tasks.push(Math.round(duration))
      }).observe({ type: 'longtask' })
    })
    await lines.filter({ hasText: '999,999' }).waitFor()
    await list.focus()
    await page.keyboard.press('Home')
    await lines.filter({ hasText: 'size: 0' }).first().waitFor()
    await page.keyboard.press('End')
    await lines.filter({ hasText: 'size: 999999' }).waitFor()
    for (const part of [0.5, 0.1, 0.9, 0.3]) {
      await list.evaluate((element, where) => {
        element.scrollTop = where * (element.scrollHeight - element.clientHeight)
      }, part)
      const middle = Math.floor(part * million)
      await expect
        .poll(async () => Math.abs(Number(await lines.nth(20).getAttribute('aria-posinset')) - middle))
        .toBeLessThan(20_000)
      expect(await lines.count()).toBeLessThan(80)
      // The lines lie in the list, wherever that is scrolled to.
      const [box, line] = await Promise.all([list.boundingBox(), lines.nth(15).boundingBox()])
      expect(line?.y).toBeGreaterThan((box?.y ?? 0) - 300)
      expect(line?.y).toBeLessThan((box?.y ?? 0) + (box?.height ?? 0))
    }

    const search = page.getByRole('searchbox')
    await search.fill('NEEDLE')
    await page
      .getByRole('status')
      .filter({ hasText: /^1 of 1,000,000$/ })
      .waitFor()
    await lines.first().click()
    await page.getByRole('button', { name: 'Go to this point' }).click()
    await page.getByRole('tab', { name: 'Tables' }).click()
    await page.getByRole('tab', { name: 'note' }).click()
    await page.getByText('as it stood before event 654,322').waitFor()
    expect(await page.getByRole('grid').getByRole('row').count()).toBeLessThan(80)
    const slider = page.getByRole('slider')
    await slider.focus()
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowLeft')
    await page.getByText('as it stood before event 654,317').waitFor()
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: readonly number[] }).tasks)
    // Printed, not asserted: a busy machine is no failure.
    process.stdout.write(
      `A million events: read in ${Math.round(loaded)} ms; the longest task behind that ${Math.max(0, ...tasks)} ms, of ${tasks.length} above 50 ms\n`,
    )
    expect(errors).toEqual([])
  },
)
