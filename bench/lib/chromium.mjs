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

/**
 * Has a page store what it can, and then fresh ones of the same profile start, so many times; resolves with what each gave.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {object} task
 * @param {number} runs
 * @returns {Promise<Record<string, number>[]>}
 */
export async function measureStored(browser, url, task, runs) {
  const context = await browser.newContext()
  const timer = setTimeout(() => void context.close(), 300_000)
  try {
    const inPage = async (name) => {
      const page = await context.newPage()
      await page.goto(url)
      const figures = await page.evaluate(([run, given]) => globalThis[run](given), [name, task])
      await page.close()
      return figures
    }
    await inPage('fill')
    const found = []
    for (let run = 0; run < runs; run++) found.push(await inPage('run'))
    return found
  } finally {
    clearTimeout(timer)
    await context.close()
  }
}

/**
 * Opens so many tabs of one profile, has each load a log and follow it, and closes them; resolves with `cpu`, the processor
 * time of all of the browser from the first database to the last event, in seconds, and `connections`, the most live ones
 * that the server had at a time.
 * @param {import('playwright-core').Browser} browser
 * @param {{ origins: string[], path: string, task: object, feed: Record<string, string> }} what `origins`: of each tab
 * @returns {Promise<Record<string, number>>}
 */
export async function measureTabs(browser, { origins, path, task, feed }) {
  const context = await browser.newContext()
  const timer = setTimeout(() => void context.close(), 300_000)
  const [server] = origins
  try {
    const pages = await Promise.all(
      origins.map(async (origin) => {
        const page = await context.newPage()
        await page.goto(`${origin}/site/tab.html`)
        return { page, origin }
      }),
    )
    const before = await cpuTimes(browser)
    const loads = pages.map(({ page, origin }) =>
      page.evaluate((given) => globalThis.tab.load(given), { ...task, url: `${origin}${path}` }),
    )
    await Promise.all(loads)
    await (await fetch(`${server}${path}/feed?${new URLSearchParams(feed)}`, { method: 'POST' })).text()
    let connections = 0
    const look = async () => {
      const { open } = await (await fetch(`${server}/counts`)).json()
      connections = Math.max(connections, open)
    }
    for (const { page } of pages) {
      while (!(await page.evaluate(() => globalThis.tab.hasEnd()))) {
        await look()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await look()
    const cpu = [...(await cpuTimes(browser))].map(([id, time]) => time - (before.get(id) ?? 0))
    return { cpu: cpu.reduce((total, time) => total + time, 0), connections }
  } finally {
    clearTimeout(timer)
    await context.close()
  }
}

/** Returns the processor time of each of the browser's processes, in seconds, by its number. */
async function cpuTimes(browser) {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return new Map(processInfo.map(({ id, cpuTime }) => [id, cpuTime]))
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
