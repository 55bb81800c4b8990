import type { Browser, BrowserContext, Page } from 'playwright-core'

/**
 * Returns what opens each page of a context in a window of its own.
 *
 * `context.newPage()` opens a tab and hides the one before it. A hidden tab is drawn once a second, and Playwright waits for two
 * frames before each click.
 */
export function windowOpener(browser: Browser, context: BrowserContext): () => Promise<Page> {
  let contextId: string | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function open(): Promise<Page> {
    if (contextId === undefined) {
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      contextId = (await session.send('Target.getTargetInfo')).targetInfo.browserContextId ?? ''
      await session.detach()
      return page
    }
    const session = await browser.newBrowserCDPSession()
    const [page] = await Promise.all([
      context.waitForEvent('page'),
      session.send('Target.createTarget', {
        ...{ url: 'about:blank', newWindow: true, browserContextId: contextId },
      }),
    ])
    await session.detach()
    return page
  }

  // One after the other: which page is meant is known by its coming alone.
  return () => {
    const page = last.then(open)
    last = page.catch(() => undefined) // for whoever asked for it
    return page
  }
}
