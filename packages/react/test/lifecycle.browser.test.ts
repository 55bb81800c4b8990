import { eventually, needs, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { launchChromium } from '@streamdb/testkit/chromium'
import type { Scene } from './lifecycle/app/main.tsx'
import { startCountingProxy } from './lifecycle/counting-proxy.ts'
import type { CountingProxy } from './lifecycle/counting-proxy.ts'
import { makeHotFolder, startHotApp } from './lifecycle/hot-app.ts'
import type { HotApp } from './lifecycle/hot-app.ts'
import { message, user } from '@streamdb/testkit/rooms'

/** Longer than a database stays open that nobody retains. */
const pastIdleTimeout = 6_000
// Vite prepares what the first page needs, on a machine that may have more to do.
const patient = { timeout: 45_000 }
vi.setConfig({ testTimeout: 180_000 })

let browser: Browser
let streams: StreamServer
let folder: Awaited<ReturnType<typeof makeHotFolder>>

// Pages read the stream server of another origin.
beforeEach(() => needs('cors'))
beforeAll(async () => {
  folder = await makeHotFolder()
  streams = await startStreamServer()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await streams.stop()
  await folder.remove()
})

interface Visit {
  readonly app: HotApp
  readonly context: BrowserContext
  readonly page: Page
  readonly proxy: CountingProxy
  /** Opens the page in one more tab. */
  openTab: () => Promise<Page>
  append: (...events: unknown[]) => Promise<string>
}

/** Opens the page that shows `scene` on a stream with one message; fails the test when a page printed an error or a warning. */
async function visit(scene: Scene): Promise<Visit> {
  const stream = await streams.createStream(undefined, {
    items: [user('u1', 'Ada'), message('m1', 'u1', 'hello')],
  })
  const proxy = await startCountingProxy(streams.url)
  const app = await startHotApp(folder.path)
  const context = await browser.newContext()
  const complaints: string[] = []
  onTestFinished(async () => {
    await context.close()
    await app.close()
    proxy.close()
    expect(complaints).toEqual([])
  })
  // Time goes on by itself; a timeout is skipped.
  await context.clock.install()

  async function openTab(): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(patient.timeout)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (said) => {
      // TanStack measures itself in development, and this machine may be busy.
      if (['error', 'warning'].includes(said.type()) && !said.text().includes('hot render path'))
        complaints.push(said.text())
    })
    await page.goto(app.address(scene, proxy.through(stream)))
    await page.locator('li').first().waitFor()
    return page
  }

  const page = await openTab()
  const append = (...events: unknown[]): Promise<string> => streams.appendItems(stream, events)
  return { app, context, page, proxy, openTab, append }
}

const lines = (page: Page): Promise<string[]> => page.locator('li').allInnerTexts()

function expectLines(page: Page, ...texts: string[]): Promise<void> {
  return eventually(async () => expect(await lines(page)).toEqual(texts), patient)
}

/** Expects so many reads to be open, each of them a live one. */
function expectOpen(proxy: CountingProxy, count: number): Promise<void> {
  return eventually(() => {
    const open = proxy.reads.filter((read) => read.open)
    expect(open.map(({ live }) => live)).toEqual(Array.from({ length: count }, () => 'sse'))
  }, patient)
}

/** Records what the page shows, after every change; returns what reads the record: nothing where the page was loaded again. */
async function watch(page: Page): Promise<() => Promise<string[] | undefined>> {
  await page.evaluate(() => {
    const seen: string[] = []
    const record = (): void => {
      const rows = Array.from(document.querySelectorAll('li'), ({ textContent }) => textContent)
      const isLoading = document.querySelector('[role=progressbar]') !== null
      const shown = rows.length > 0 ? rows.join(', ') : isLoading ? 'loading' : 'blank'
      if (seen.at(-1) !== shown) seen.push(shown)
    }
    record()
    new MutationObserver(record).observe(document, { childList: true, characterData: true, subtree: true })
    Object.assign(window, { seen })
  })
  return () => page.evaluate(() => Reflect.get(window, 'seen') as string[] | undefined) // as written above
}

test('[F-life-4] StrictMode mounts, unmounts and mounts: one database, one connection, and none when it is left', async () => {
  const { page, proxy, context, append } = await visit('OpenedRoom')
  await expectLines(page, 'hello')
  await expectOpen(proxy, 1)
  await context.clock.fastForward(pastIdleTimeout)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'hello', 'more')
  await expectOpen(proxy, 1)
  expect(proxy.reads.map(({ live }) => live)).toEqual([null, 'sse'])

  await page.getByRole('button', { name: 'Leave' }).click()
  await expectOpen(proxy, 1)
  await context.clock.fastForward(pastIdleTimeout)
  await expectOpen(proxy, 0)

  await page.getByRole('button', { name: 'Enter' }).click()
  await expectLines(page, 'hello', 'more')
  await expectOpen(proxy, 1)
  await page.goto('about:blank')
  await expectOpen(proxy, 0)
  expect(proxy.reads).toHaveLength(4)
})

test('[F-life-4] a component is edited: Fast Refresh keeps state, rows and the connection', async () => {
  const { app, page, proxy, context, append } = await visit('OpenedRoom')
  await expectOpen(proxy, 1)
  await page.getByLabel('Draft').fill('half a thought')
  const seen = await watch(page)
  await app.edit('opened-room.tsx', '<h1>Room</h1>', '<h1>Edited</h1>')
  await page.getByRole('heading', { name: 'Edited' }).waitFor()
  expect(await page.getByLabel('Draft').inputValue()).toBe('half a thought')
  await context.clock.fastForward(pastIdleTimeout)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'hello', 'more')
  expect(await seen()).toEqual(['hello', 'hello, more'])
  await expectOpen(proxy, 1)
  expect(proxy.reads).toHaveLength(2)
})

test('[F-life-4] an edit that changes the hooks mounts the component anew, on the same database', async () => {
  const { app, page, proxy, context, append } = await visit('OpenedRoom')
  await expectOpen(proxy, 1)
  await page.getByLabel('Draft').fill('half a thought')
  const seen = await watch(page)
  await app.edit('opened-room.tsx', "useState('')", "useState('anew')")
  await eventually(async () => expect(await page.getByLabel('Draft').inputValue()).toBe('anew'), patient)
  await context.clock.fastForward(pastIdleTimeout)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'hello', 'more')
  expect(await seen()).toEqual(['hello', 'hello, more'])
  await expectOpen(proxy, 1)
  expect(proxy.reads).toHaveLength(2)
})

test('[F-life-4] the definition is edited: another database shows the rows, and the old connection is gone', async () => {
  const { app, page, proxy, context, append } = await visit('OpenedRoom')
  await expectOpen(proxy, 1)
  await page.getByLabel('Draft').fill('half a thought')
  const seen = await watch(page)
  await app.edit('state.ts', 'text: z.string()', 'text: z.string().toUpperCase()')
  await expectLines(page, 'HELLO')
  await context.clock.fastForward(pastIdleTimeout)
  await expectOpen(proxy, 1)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'HELLO', 'MORE')
  expect(await seen()).toEqual(['hello', 'loading', 'HELLO', 'HELLO, MORE'])
  expect(await page.getByLabel('Draft').inputValue()).toBe('half a thought')
  expect(proxy.reads).toHaveLength(4)
})

test('[F-life-4] the module of a database is edited: the page shows the next one, and the old connection is gone', async () => {
  const { app, page, proxy, append } = await visit('ModuleRoom')
  await expectOpen(proxy, 1)
  const seen = await watch(page)
  await app.edit('state.ts', 'text: z.string()', 'text: z.string().toUpperCase()')
  await expectLines(page, 'HELLO')
  await expectOpen(proxy, 1)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'HELLO', 'MORE')
  expect(await seen()).toEqual(['hello', 'loading', 'HELLO', 'HELLO, MORE'])
  expect(proxy.reads).toHaveLength(4)
})

test('[F-life-4] swapped for another database on the same URL: its loading state, its rows, never an empty list', async () => {
  const { page, proxy, context, append } = await visit('SwappedRoom')
  await expectOpen(proxy, 1)
  const seen = await watch(page)
  const release = proxy.hold()
  await page.getByRole('button', { name: 'Swap' }).click()
  await page.getByRole('progressbar').waitFor()
  release()
  await expectLines(page, 'hello')
  await context.clock.fastForward(pastIdleTimeout)
  await expectOpen(proxy, 1)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'hello', 'more')
  expect(await seen()).toEqual(['hello', 'loading', 'hello', 'hello, more'])
  expect(proxy.reads.map(({ live }) => live)).toEqual([null, 'sse', null, 'sse'])
})

test('[F-life-4] swapped in a transition: the rows stay until the other database has loaded them', async () => {
  const { page, proxy, context, append } = await visit('SuspendedRoom')
  await expectOpen(proxy, 1)
  const seen = await watch(page)
  const release = proxy.hold()
  await page.getByRole('button', { name: 'Swap' }).click()
  await eventually(() => expect(proxy.reads).toHaveLength(3), patient)
  expect(await lines(page)).toEqual(['hello'])
  release()
  await page.locator('ul[data-epoch="1"]').waitFor()
  await context.clock.fastForward(pastIdleTimeout)
  await expectOpen(proxy, 1)
  await append(message('m2', 'u1', 'more'))
  await expectLines(page, 'hello', 'more')
  expect(await seen()).toEqual(['hello', 'hello, more'])
  expect(proxy.reads).toHaveLength(4)
})

test('[F-life-4] swapped more often than a browser has connections to a server: the last one does not wait for a timeout', async () => {
  const { page, proxy, context, append } = await visit('SwappedRoom')
  await expectOpen(proxy, 1)
  // From here on the test moves the clock, and no timeout passes.
  await context.clock.pauseAt((await page.evaluate(() => Date.now())) + pastIdleTimeout)
  for (let swaps = 1; swaps <= 8; swaps++) {
    await page.getByRole('button', { name: 'Swap' }).click()
    await eventually(async () => {
      await context.clock.runFor(1)
      expect(proxy.reads.filter(({ live }) => live === 'sse')).toHaveLength(swaps + 1)
      expect(await lines(page)).toEqual(['hello'])
    }, patient)
  }
  await append(message('m2', 'u1', 'more'))
  await eventually(async () => {
    await context.clock.runFor(1)
    expect(await lines(page)).toEqual(['hello', 'more'])
  }, patient)
  await context.clock.runFor(pastIdleTimeout)
  await expectOpen(proxy, 1)
})

test('[F-life-5] two tabs on one stream: what one writes the other shows, and one goes on when the other is closed', async () => {
  const { page: one, proxy, openTab, append } = await visit('OpenedRoom')
  const two = await openTab()
  await expectOpen(proxy, 2)
  await send(one, 'from one')
  await expectLines(two, 'hello', 'from one')
  await send(two, 'from two')
  await expectLines(one, 'hello', 'from one', 'from two')
  await expectLines(two, 'hello', 'from one', 'from two')

  await one.close()
  await expectOpen(proxy, 1)
  await append(message('z', 'u1', 'later'))
  await expectLines(two, 'hello', 'from one', 'from two', 'later')
  await send(two, 'alone')
  await eventually(async () => expect(await lines(two)).toContain('alone'), patient)
  await expectOpen(proxy, 1)
})

async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel('Draft').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

test('[F-life-5] two databases on one URL, and a join of both: independent, and one goes on when the other is closed', async () => {
  const { page, proxy, append } = await visit('TwoRooms')
  const side = (name: string) => page.getByRole('region', { name })
  const expectSide = (name: string, ...texts: string[]) =>
    eventually(
      async () => expect(await side(name).getByRole('listitem').allInnerTexts()).toEqual(texts),
      patient,
    )
  await expectOpen(proxy, 2)
  const ids = await page.locator('code').allInnerTexts()
  expect(new Set(ids).size).toBe(2)
  await append(user('u2', 'Grace'), message('m2', 'u2', 'more'))
  for (const name of ['one', 'two']) await expectSide(name, 'hello', 'more')
  await expectSide('both', 'Ada: hello', 'Grace: more')

  await side('one').getByRole('button', { name: 'Close' }).click()
  await expectOpen(proxy, 1)
  await append(user('u2', 'Grace Hopper'), message('m3', 'u1', 'later'))
  await expectSide('two', 'hello', 'more', 'later')
  // What is shown of a closed database stays; the other's part of the join goes on.
  await expectSide('one', 'hello', 'more')
  await expectSide('both', 'Ada: hello', 'Grace Hopper: more')
  expect(await page.getByRole('status').allInnerTexts()).toEqual(['closed', 'live'])
  expect(proxy.reads).toHaveLength(4)
})
