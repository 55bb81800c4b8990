import {
  cutTexts,
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  RunningProgram,
  scratchFolder,
} from '@streamdb/example-shared/testing'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..')
const frameworks = ['Vue', 'Svelte', 'Solid'] as const

function item(page: Page, text: string): Locator {
  return page.getByRole('listitem').filter({ hasText: text })
}

async function waitForStatus(page: Page, text: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: text }).waitFor()
}

async function add(page: Page, text: string): Promise<void> {
  await page.getByLabel('New item').fill(text)
  await page.getByRole('button', { name: 'Add' }).click()
}

test(
  '[B1] [B2] the same list in Vue, Svelte and Solid: live, optimistic, with a status',
  { timeout: 180_000 },
  async () => {
    const home = 'http://127.0.0.1:9/'
    const options = ['--port', '0', '--data', scratchFolder(), '--home', home]
    const program = new RunningProgram(join(folder, 'server.mjs'), options)
    const url = await program.printedUrl('StreamDB frameworks')
    // A write that is refused, and one that waits, are meant.
    const browser = await openBrowser(/stream\/list/)
    const start = await browser.open(url)
    await start.getByRole('link', { name: 'All examples' }).waitFor()
    expect(await start.getByRole('link', { name: 'All examples' }).getAttribute('href')).toBe(home)
    await expectAccessible(start, 'the page for choosing')
    const pages: Page[] = []
    for (const name of frameworks) {
      const page = await browser.open(url)
      await page.getByRole('link', { name }).click()
      await page.getByRole('heading', { name: `A shared list in ${name}` }).waitFor()
      await waitForStatus(page, 'Live')
      expect(await page.getByRole('listitem').count(), name).toBe(3)
      pages.push(page)
    }

    for (const [index, page] of pages.entries()) {
      const name = frameworks[index] ?? ''
      const others = pages.filter((other) => other !== page)
      // Shown before the server has it: the append is held back.
      let release = (): void => undefined
      const released = new Promise<void>((resolve) => (release = resolve))
      await page.route('**/stream/list', async (route) => {
        if (route.request().method() === 'POST') await released
        await route.continue()
      })
      await add(page, `Cheese of ${name}`)
      await item(page, `Cheese of ${name}`).waitFor()
      await waitForStatus(page, 'Live, 1 on the way')
      for (const other of others) expect(await item(other, `Cheese of ${name}`).count(), name).toBe(0)
      release()
      for (const other of others) await item(other, `Cheese of ${name}`).waitFor()
      await page.getByRole('status').getByText('Live', { exact: true }).waitFor()
      await page.unroute('**/stream/list')

      // An update of one is in the others.
      await item(page, `Cheese of ${name}`).getByRole('checkbox').click()
      for (const each of pages)
        await item(each, `Cheese of ${name}`).getByRole('checkbox', { checked: true }).waitFor()

      // What the server refuses goes, and the page says why.
      await page.route('**/stream/list', (route) =>
        route.request().method() === 'POST' ? route.fulfill({ status: 400 }) : route.continue(),
      )
      await add(page, 'Refused')
      await page.getByRole('alert').filter({ hasText: '400' }).waitFor()
      expect(await item(page, 'Refused').count(), name).toBe(0)
      await page.unroute('**/stream/list')

      await page.setViewportSize({ width: 320, height: 700 })
      await expectNoSidewaysScroll(page, name)
      // The markup is the same in all of them.
      if (index === 0) await expectAccessible(page, name)
      expect(await cutTexts(page, 'h1, p, button, .items span, small'), name).toEqual([])
    }
  },
)
