import { needs, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { launchChromium } from '@streamdb/testkit/chromium'
import { state } from './ssr/page.tsx'
import type { PageProps } from './ssr/page.tsx'
import { startPageServer } from './ssr/server.tsx'
import type { PageServer } from './ssr/server.tsx'

const sentAt = new Date('2026-01-02T03:04:05Z')
/** A row that would end the element which carries it, were it not escaped. */
const hostile = '</script><script>document.title = "hacked"</script>'

let browser: Browser
let streams: StreamServer

// Pages read the stream server of another origin.
beforeEach(() => needs('cors'))
beforeAll(async () => {
  streams = await startStreamServer()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await streams.stop()
})

function user(id: string, name: string): unknown {
  return state.users.upsert({ value: { id, name } })
}

function message(id: string, userId: string, text: string): unknown {
  return state.messages.upsert({ value: { id, userId, text, sentAt } })
}

interface Visit {
  readonly page: Page
  readonly server: PageServer
  readonly stream: string
  /** The reads that the page sent: the offset of each, and how it waits. */
  readonly reads: (readonly [offset: string | null, live: string | null])[]
  /** What the page complained of: a mismatch would be among it. */
  readonly complaints: string[]
}

/** Opens the page of a stream that holds `items`. */
async function visit(items: readonly unknown[], { javaScriptEnabled = true } = {}): Promise<Visit> {
  const stream = await streams.createStream(undefined, { items })
  const server = await startPageServer(stream)
  const context = await browser.newContext({ javaScriptEnabled })
  const page = await context.newPage()
  onTestFinished(async () => {
    await context.close()
    server.close()
  })
  const reads: Visit['reads'] = []
  const complaints: string[] = []
  page.setDefaultTimeout(20_000)
  page.on('request', (request) => {
    const { origin, searchParams } = new URL(request.url())
    // Where nothing came since, a HEAD asks whether the stream still reaches as far.
    if (origin === new URL(stream).origin && request.method() === 'GET')
      reads.push([searchParams.get('offset'), searchParams.get('live')])
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (said) => {
    // TanStack measures itself in development, and this machine may be busy.
    if (['error', 'warning'].includes(said.type()) && !said.text().includes('hot render path'))
      complaints.push(said.text())
  })
  await page.goto(server.url, { waitUntil: 'commit' })
  await page.locator('li').first().waitFor()
  return { page, server, stream, reads, complaints }
}

const lines = (page: Page): Promise<string[]> => page.locator('li').allInnerTexts()

test('with JavaScript off the page shows the rows', async () => {
  const items = [user('u1', 'Ada'), message('m1', 'u1', 'hello'), message('m2', 'u1', hostile)]
  const { page, reads } = await visit(items, { javaScriptEnabled: false })
  expect(await lines(page)).toEqual(['2026-01-02 Ada: hello', `2026-01-02 Ada: ${hostile}`])
  expect(await page.locator('#users').innerText()).toBe('Ada')
  expect(reads).toEqual([])
})

test('with JavaScript on it is hydrated as it is, goes live, and requests only what came since', async () => {
  const items = [user('u1', 'Ada'), message('m1', 'u1', 'hello'), message('m2', 'u1', hostile)]
  const { page, server, stream, reads, complaints } = await visit(items)
  const rendered = await lines(page)
  const first = await page.locator('li').first().elementHandle()
  expect(reads).toEqual([])
  // Between the server's page and the browser's script.
  const props = JSON.parse((await page.locator('#props').textContent()) ?? '') as PageProps // as the server wrote it
  await streams.appendItems(stream, [user('u2', 'Grace'), message('m3', 'u2', 'meanwhile')])
  server.release()

  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await page.locator('li').filter({ hasText: 'meanwhile' }).waitFor()
  expect(await lines(page)).toEqual([...rendered, '2026-01-02 Grace: meanwhile'])
  await streams.appendItems(stream, [message('m4', 'u1', 'live')])
  await page.locator('li').filter({ hasText: 'Ada: live' }).waitFor()
  expect(await page.locator('#users').innerText()).toBe('Ada, Grace')

  expect(reads.map(([, live]) => live)).toEqual([null, 'sse'])
  expect(reads[0]?.[0]).toBe(props.stream?.offset)
  // The very element that the server sent.
  expect(await first?.evaluate((item) => item.isConnected)).toBe(true)
  expect(await page.title()).toBe('Server rendering')
  expect(complaints).toEqual([])
})

test('a page of ten thousand rows sends not one of them again', { timeout: 60_000 }, async () => {
  const items = [
    user('u1', 'Ada'),
    ...Array.from({ length: 10_000 }, (_, n) => message(`m${n}`, 'u1', 'hello')),
  ]
  const { page, server, reads, complaints } = await visit(items)
  const sizes: Promise<number>[] = []
  page.on('requestfinished', (request) => {
    if (request.url().includes('offset='))
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
  })
  server.release()
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  expect(await page.locator('li').count()).toBe(10_000)
  // Whether the stream still reaches that far may be asked as well; its answer is empty.
  expect(reads.filter(([offset]) => offset !== 'now')).toHaveLength(2)
  for (const size of await Promise.all(sizes)) expect(size).toBeLessThan(100)
  expect(complaints).toEqual([])
})
