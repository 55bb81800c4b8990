import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { needs, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { launchChromium } from '@streamdb/testkit/chromium'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { TestPage } from './browser/page.ts'

declare const page: TestPage

type Browser = Awaited<ReturnType<typeof launchChromium>>
type BrowserContext = Awaited<ReturnType<Browser['newContext']>>
type Page = Awaited<ReturnType<BrowserContext['newPage']>>

let server: StreamServer
let browser: Browser
let origin: string
let closeSite: () => void

// Pages read the stream server of another origin.
beforeEach(() => needs('cors'))
beforeAll(async () => {
  server = await startStreamServer()
  browser = await launchChromium()
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser/page.ts', import.meta.url))],
    ...{ bundle: true, format: 'iife', write: false },
  })
  const site = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? outputFiles[0]?.text : '<!doctype html><script src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}/` // of a TCP server
  closeSite = () => {
    site.closeAllConnections()
    site.close()
  }
})

afterAll(async () => {
  await browser.close()
  closeSite()
  await server.stop()
})

/** A fresh profile, and a page in it. */
async function openPage(before?: (context: BrowserContext) => Promise<unknown>): Promise<Page> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  await before?.(context)
  const tab = await context.newPage()
  await tab.goto(origin)
  return tab
}

function user(id: string): unknown {
  return { type: 'user', key: id, value: { id, name: `name of ${id}` }, headers: { operation: 'upsert' } }
}

describe('IndexedDB in Chromium', () => {
  test('[S2] [S3] does what every store must do', async () => {
    const tab = await openPage()
    const names = await tab.evaluate(() => page.checks())
    for (const [index, name] of names.entries()) {
      expect([name, await tab.evaluate((at) => page.check(at), index)]).toEqual([name, undefined])
    }
  })

  test('[S1] a page that is loaded again shows its rows while the server is away, and reads on when it is back', async () => {
    const url = await server.createStream(undefined, { items: [user('u1'), user('u2')] })
    const tab = await openPage()
    await tab.evaluate((at) => page.open(at), url)
    await server.appendItems(url, [user('u3')])
    await tab.waitForFunction(() => page.rows().length === 3)
    await tab.evaluate(() => page.flush())
    await tab.route('**/stream-*', (route) => route.abort())
    await tab.reload()
    await tab.evaluate((at) => page.open(at), url)
    expect(await tab.evaluate(() => page.rows())).toEqual(['name of u1', 'name of u2', 'name of u3'])
    expect(await tab.evaluate(() => page.statuses())).toContain('catching-up from storage')
    await server.appendItems(url, [user('u4')])
    await tab.unrouteAll()
    await tab.waitForFunction(() => page.rows().length === 4)
    expect(await tab.evaluate(() => page.errors())).toEqual([])
  })

  test('[S2] what is shown is saved a moment later, without being asked for', async () => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const tab = await openPage()
    await tab.evaluate((at) => page.open(at), url)
    await tab.evaluate(() => page.flush())
    const savedAt = await tab.evaluate(() => page.savedAt())
    await server.appendItems(url, [user('u2')])
    await tab.waitForFunction((before) => page.rows().length === 2 && page.savedAt() !== before, savedAt)
    await tab.goto('about:blank')
    await tab.goto(origin)
    await tab.route('**/stream-*', (route) => route.abort())
    await tab.evaluate((at) => page.open(at), url)
    expect(await tab.evaluate(() => page.rows())).toEqual(['name of u1', 'name of u2'])
  })

  test('[S2] what is shown when the page is left is stored, as far as the browser lets it', async () => {
    const url = await server.createStream(undefined, { items: [user('u0')] })
    const tab = await openPage()
    await tab.evaluate((at) => page.open(at), url)
    await tab.evaluate(() => page.flush())
    for (let count = 1; count <= 5; count++) {
      const left = tab.waitForEvent('load')
      await tab.evaluate(
        (expected) => void page.whenRows(expected).then(() => globalThis.location.reload()),
        count + 1,
      )
      await server.appendItems(url, [user(`u${count}`)])
      await left
      await tab.route('**/stream-*', (route) => route.abort())
      await tab.evaluate((at) => page.open(at), url)
      expect(await tab.evaluate(() => page.rows())).toHaveLength(count + 1)
      await tab.unrouteAll()
      await tab.waitForFunction(() => page.statuses().at(-1) === 'live')
    }
  })

  test('[S1] persist() says what the browser says', async () => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const refused = await openPage((context) =>
      context.addInitScript('StorageManager.prototype.persist = () => Promise.resolve(false)'),
    )
    await refused.evaluate((at) => page.open(at), url)
    expect(await refused.evaluate(() => page.persist())).toBe(false)
    const tab = await openPage()
    const session = await tab.context().newCDPSession(tab)
    await session.send('Browser.grantPermissions', { permissions: ['durableStorage'] })
    await tab.evaluate((at) => page.open(at), url)
    const answers = await tab.evaluate(async () => [
      await page.persist(),
      await navigator.storage.persisted(),
    ])
    expect(answers[0]).toBe(answers[1])
  })

  test('[S7] rows of one user are not shown to another; clear() leaves nothing', async () => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const tab = await openPage()
    await tab.evaluate((at) => page.open(at, 'ada'), url)
    await tab.evaluate(() => page.flush())
    await tab.route('**/stream-*', (route) => route.abort())
    await tab.reload()
    await tab.evaluate((at) => void page.open(at, 'bob'), url)
    await tab.waitForFunction(() => page.statuses().includes('reconnecting'))
    expect(await tab.evaluate(() => page.rows())).toEqual([])
    await tab.reload()
    await tab.evaluate((at) => page.open(at, 'ada'), url)
    expect(await tab.evaluate(() => page.rows())).toEqual(['name of u1'])
    await tab.evaluate(() => page.clear())
    expect(await tab.evaluate(() => page.status())).toBe('cleared')
    expect(await tab.evaluate(() => page.size())).toMatchObject({ rows: 0, writes: 0 })
  })

  test.each([
    ['there is no IndexedDB', 'delete globalThis.indexedDB; delete Window.prototype.indexedDB'],
    [
      'it cannot be opened',
      'IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError") }',
    ],
    [
      'opening fails later',
      'IDBFactory.prototype.open = () => { const r = new EventTarget(); setTimeout(() => r.dispatchEvent(new Event("error"))); return Object.assign(r, { error: new DOMException("broken", "UnknownError") }) }',
    ],
    ['it never answers', 'IDBFactory.prototype.open = () => new EventTarget()'],
    [
      'there is no room left',
      'IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError") }',
    ],
  ])('[S6] where %s, the database goes on in memory, and says so', async (_, script) => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const tab = await openPage((context) => context.addInitScript(script))
    await tab.evaluate((at) => page.open(at), url)
    expect(await tab.evaluate(() => page.rows())).toEqual(['name of u1'])
    await tab.waitForFunction(() => page.status() === 'unavailable')
    expect(await tab.evaluate(() => page.errors())).toEqual([
      expect.stringMatching(/^storage-(failed|full): /),
    ])
    await server.appendItems(url, [user('u2')])
    await tab.waitForFunction(() => page.rows().length === 2)
  })

  test('[S6] a database that is deleted under a page, which does not wait for it', async () => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const tab = await openPage()
    await tab.evaluate((at) => page.open(at), url)
    await tab.evaluate(() => page.flush())
    await tab.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.deleteDatabase('streamdb')
          request.onsuccess = () => resolve()
          request.onblocked = () => reject(new Error('blocked'))
        }),
    )
    await tab.waitForFunction(() => page.status() === 'unavailable')
    await server.appendItems(url, [user('u2')])
    await tab.waitForFunction(() => page.rows().length === 2)
  })

  test('[S6] a database with a newer layout is left as it is', async () => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const tab = await openPage()
    const openNewer = (): Promise<string[]> =>
      tab.evaluate(
        () =>
          new Promise<string[]>((resolve, reject) => {
            const request = indexedDB.open('streamdb', 99)
            request.onupgradeneeded = () => void request.result.createObjectStore('of a later version')
            request.onerror = () => reject(new Error(String(request.error)))
            request.onsuccess = () => {
              resolve([...request.result.objectStoreNames])
              request.result.close()
            }
          }),
      )
    await openNewer()
    await tab.evaluate((at) => page.open(at), url)
    expect(await tab.evaluate(() => page.rows())).toEqual(['name of u1'])
    await tab.waitForFunction(() => page.status() === 'unavailable')
    expect(await tab.evaluate(() => page.errors())).toEqual([expect.stringMatching(/^storage-newer: /)])
    expect(await openNewer()).toEqual(['of a later version'])
  })

  test('[S6] an upgrade that another tab blocks', async () => {
    const url = await server.createStream(undefined, { items: [user('u1')] })
    const tab = await openPage()
    const other = await tab.context().newPage()
    await other.goto(origin)
    // An older layout, by a page that does not close it.
    await other.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open('streamdb', 1)
          request.onupgradeneeded = () => void request.result.createObjectStore('other')
          request.onsuccess = () => resolve()
        }),
    )
    await tab.evaluate((at) => page.open(at), url)
    expect(await tab.evaluate(() => page.rows())).toEqual(['name of u1'])
    await tab.waitForFunction(() => page.status() === 'unavailable')
  })
})
