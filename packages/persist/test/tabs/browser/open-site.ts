import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Readable } from 'node:stream'
import { itemsOf, startStreamServer } from '@streamdb/testkit'
import { launchChromium } from '@streamdb/testkit/chromium'
import { build } from 'esbuild'
import type { Page } from '@streamdb/testkit/chromium'
import { onTestFinished } from 'vitest'
import type { TabPage } from './page.ts'

declare const page: TabPage

/** Live reads that are open. */
class LiveReads {
  readonly #open = new Set<object>()
  #most = 0

  get now(): number {
    return this.#open.size
  }

  /** The most that were open at once. */
  get most(): number {
    return this.#most
  }

  add(read: object): void {
    this.#open.add(read)
    this.#most = Math.max(this.#most, this.#open.size)
  }

  delete(read: object): void {
    this.#open.delete(read)
  }

  /** The tab that reads is about to die: the system may tell of its end after the next one's beginning. */
  forget(): void {
    this.#open.clear()
  }
}

/** A tab of a real Chromium. */
export interface RealTab {
  readonly page: Page
  texts(): Promise<string[]>
  role(): Promise<string | undefined>
  status(): Promise<string>
  write(id: string): Promise<void>
  send(id: string): Promise<void>
  /** Kills the process that runs the page. */
  crash(): Promise<void>
}

/** One origin: a page, and a stream behind it, whose connections are counted at the server. */
export interface Site {
  readonly url: string
  append(...events: readonly unknown[]): Promise<string>
  /** All items of the stream. */
  items(): Promise<unknown[]>
  readonly live: LiveReads
  /** What becomes of a request for the stream: it is forwarded, broken off, or refused with 400. `forward` at first. */
  answer: (method: string, body: string) => 'forward' | 'break' | 'refuse'
  openTab(): Promise<RealTab>
  tabOf(page: Page): RealTab
}

/** Starts a server and a Chromium; both end with the test. */
export async function openSite(options: { backForwardCache?: boolean; entry?: URL } = {}): Promise<Site> {
  const server = await startStreamServer()
  const stream = await server.createStream('/stream')
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(options.entry ?? new URL('./page.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    write: false,
  })
  const live = new LiveReads()

  async function forward(request: IncomingMessage, response: ServerResponse) {
    const isLive = request.url?.includes('live=') === true
    const gone = new AbortController()
    response.once('close', () => {
      gone.abort()
      live.delete(response)
    })
    if (isLive) live.add(response)
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'connection'),
    ) as Record<string, string> // no header of these requests comes twice
    const body =
      request.method === 'POST' ? await new Response(Readable.toWeb(request) as ReadableStream).text() : null
    const method = request.method ?? 'GET'
    const fate = opened.answer(method, body ?? '')
    if (fate === 'break') return response.destroy()
    if (fate === 'refuse') return response.writeHead(400).end('refused')
    const { 'content-length': _, 'transfer-encoding': __, ...sent } = headers
    const answer = await fetch(new URL(request.url ?? '', server.url), {
      method,
      headers: sent,
      body,
      signal: gone.signal,
    })
    const { 'content-encoding': ___, 'content-length': ____, ...rest } = Object.fromEntries(answer.headers)
    response.writeHead(answer.status, rest)
    if (answer.body === null) return response.end()
    for await (const chunk of answer.body) response.write(chunk)
    return response.end()
  }

  const site = createServer((request, response) => {
    if (request.url?.startsWith('/stream') === true) {
      forward(request, response).catch(() => response.destroy())
      return
    }
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    const html =
      request.url === '/other' ? '<!doctype html>other' : '<!doctype html><script src="/page.js"></script>'
    response.end(isScript ? outputFiles[0]?.text : html)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const browser = await launchChromium(options)
  onTestFinished(async () => {
    await browser.close()
    site.closeAllConnections()
    site.close()
    await server.stop()
  })
  const context = await browser.newContext()
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/` // of a TCP server

  function tabOf(tab: Page): RealTab {
    return {
      page: tab,
      texts: () => tab.evaluate(() => page.texts()),
      role: () => tab.evaluate(() => page.role()),
      status: () => tab.evaluate(() => page.status()),
      write: (id) => tab.evaluate((each) => page.write(each), id),
      send: (id) => tab.evaluate((each) => page.send(each), id),
      async crash() {
        const crashed = tab.waitForEvent('crash')
        const session = await context.newCDPSession(tab)
        // It never answers.
        void session.send('Page.crash').catch(() => undefined)
        await crashed
      },
    }
  }

  const opened: Site = {
    url,
    live,
    answer: () => 'forward',
    append: (...events) => server.appendItems(stream, events),
    items: async () => itemsOf(await fetch(`${stream}?offset=-1`)),
    async openTab() {
      const tab = await context.newPage()
      await tab.goto(url)
      return tabOf(tab)
    },
    tabOf,
  }
  return opened
}
