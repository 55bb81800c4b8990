import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { untilFileEnds, untilTestEnds } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'
import { windowOpener } from './window-opener.ts'

/** How a window looks. */
export interface Look {
  readonly width: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** The widths in pixels at which every page is looked at: two phones, a tablet, a laptop, a wide screen. */
export const widths = [320, 390, 768, 1280, 2560] as const

/** The windows of a user, for as long as the test runs. */
export interface TestBrowser {
  /** Opens `url` in a window of its own; with `look`, in one that shares no storage with the others. */
  open(url: string, look?: Look): Promise<Page>
  /** Opens `url` in a tab, and hides the one before it: as most tabs are, that is then drawn once a second. */
  openTab(url: string): Promise<Page>
  /** Records the errors of a tab that a page opened. */
  watch(page: Page): Page
}

/** One Chromium for all tests of a file: windows of different tests share nothing in it. */
let chromiumOfFile: Promise<Browser> | undefined
const lifetimeOfFile = untilFileEnds()

async function startChromium(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      ...[
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-sync',
      ],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  })
  lifetimeOfFile(() => browser.close())
  return browser
}

/**
 * Opens a browser with a store of its own for as long as the test runs. Fails the test at the end when a page logged an error
 * or a warning that is not `expected`.
 */
export async function openBrowser(
  expected?: RegExp,
  lifetime: Lifetime = untilTestEnds,
): Promise<TestBrowser> {
  const browser = await (chromiumOfFile ??= startChromium())
  const errors: string[] = []
  const windows: BrowserContext[] = []
  lifetime(async () => {
    await Promise.all(windows.map((window) => window.close()))
    if (errors.length > 0) throw new Error(`The page logged errors:\n${errors.join('\n')}`)
  })
  async function openWindow(options: BrowserContextOptions): Promise<BrowserContext> {
    const window = await browser.newContext(options)
    windows.push(window)
    return window
  }
  // Pages of one context share what a user's tabs share: storage, cache and connections.
  const context = await openWindow({ viewport: { width: 1200, height: 800 } })
  const openShared = windowOpener(browser, context)

  function watch(page: Page): Page {
    page.setDefaultTimeout(45_000)
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => {
      // A request that failed is named by its address alone.
      const text = `${message.text()} ${message.location().url}`.trim()
      if (!['error', 'warning'].includes(message.type()) || expected?.test(text) === true) return
      errors.push(text)
    })
    return page
  }
  async function show(page: Page, url: string): Promise<Page> {
    await watch(page).goto(url)
    return page
  }

  return {
    watch,
    async open(url, look) {
      if (look === undefined) return show(await openShared(), url)
      const window = await openWindow(optionsOf(look))
      return show(await window.newPage(), url)
    },
    async openTab(url) {
      return show(await context.newPage(), url)
    },
  }
}

function optionsOf({ width, height = 800, colorScheme = 'light' }: Look): BrowserContextOptions {
  // No `isMobile`: a page that is too wide would be zoomed out, and seem to fit.
  // Without motion, so that nothing is half transparent when it is looked at.
  return { viewport: { width, height }, colorScheme, hasTouch: width < 700, reducedMotion: 'reduce' }
}

/** Opens `url` in a browser of its own. */
export async function openPage(url: string, expected?: RegExp): Promise<Page> {
  return (await openBrowser(expected)).open(url)
}
