import {
  cutTexts,
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  smallestTarget,
} from '@streamdb/example-shared/testing'
import { expect, test } from 'vitest'
import { AgentsPage, expectedErrors } from './agents-page.ts'
import { AgentsServer } from './agents-server.ts'

const looks = [
  { width: 320, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
  { width: 900, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const

test(
  '[A40] at every width, light and dark: axe finds nothing, nothing scrolls sideways, every target is large enough',
  { timeout: 240_000 },
  async () => {
    const { url } = await AgentsServer.start()
    const browser = await openBrowser(expectedErrors)
    const first = new AgentsPage(await browser.open(`${url}/?as=grace#opening-room`))
    await (
      await first.ready()
    ).say('Order a scan of Note G, and aVeryLongWordThatHasNoPlaceToBreakAndWouldPushThePageApart')
    await first.last.getByRole('button', { name: 'Approve' }).waitFor()
    for (const look of looks) {
      const page = await browser.open(`${url}/?as=ada#opening-room`, look)
      const check = async (what: string): Promise<void> => {
        const where = `${what}, ${look.colorScheme}, ${look.width} px`
        await expectNoSidewaysScroll(page, where)
        await expectAccessible(page, where)
        const { what: target, px } = await smallestTarget(page)
        expect(px, `${target}: ${where}`).toBeGreaterThanOrEqual(look.width < 700 ? 44 : 24)
        expect(await cutTexts(page, '.prose, .plain, .question'), where).toEqual([])
      }
      await page.getByRole('button', { name: 'Approve' }).waitFor()
      await check('the conversation')
      await page.getByRole('button', { name: 'Search', exact: true }).click()
      await page.getByRole('searchbox', { name: 'Search the conversation' }).fill('archive')
      await page.getByRole('list', { name: 'Found' }).getByRole('button').first().waitFor()
      await check('the search')
      await page.getByRole('button', { name: 'End the search' }).click()
      for (const name of ['Sessions', 'Notes']) {
        const button = page.getByRole('group', { name: 'Show' }).getByRole('button', { name })
        if (!(await button.isVisible())) continue
        await button.click()
        await check(name)
      }
      await page.close()
    }
  },
)
