import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

/** Starts Debian's Chromium without a window (scripts/install-chromium.sh installs it). */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/**
 * Opens a page in a fresh profile, has it do a task, and closes it; resolves with what the task gave and what it left:
 * `heap`, what the page's heap then holds more than before, garbage collected, and `memory`, the peak of its process, in
 * megabytes. Rejects where the page crashed or hung.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {object} task what the page's `run` is given
 * @returns {Promise<Record<string, number>>}
 */
export async function measureInPage(browser, url, task) {
  const context = await browser.newContext()
  const timer = setTimeout(() => void context.close(), 300_000)
  try {
    const page = await context.newPage()
    const failed = new Promise((_, reject) => {
      page.on('pageerror', reject)
      page.on('crash', () => reject(new Error(`${url} crashed`)))
    })
    // It may fail before it is asked for anything; what it is asked for says so then.
    failed.catch(() => undefined)
    await page.goto(url)
    const session = await context.newCDPSession(page)
    const before = await usedHeap(session)
    const figures = await Promise.race([page.evaluate((given) => globalThis.run(given), task), failed])
    const memory = await peakMemory(browser)
    return { ...figures, heap: ((await usedHeap(session)) - before) / 1e6, memory }
  } finally {
    clearTimeout(timer)
    await context.close()
  }
}

async function usedHeap(session) {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

/** Returns the peak of the largest of the browser's page processes, in megabytes: 0 where there is no /proc. */
async function peakMemory(browser) {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const pages = processInfo.filter(({ type }) => type === 'renderer')
  return Math.max(...pages.map(({ id }) => peakOf(id)))
}

function peakOf(pid) {
  try {
    const [, kB] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return (Number(kB) * 1024) / 1e6 || 0
  } catch {
    // It has ended since.
    return 0
  }
}
