import { expectAccessible, expectNoSidewaysScroll, openPage } from '@streamdb/example-shared/testing'
import { expect, test } from 'vitest'
import { StartServer } from './start-server.ts'

test('[EX1] [EX2] the page lists the examples, opens one that does not run, and shows what runs', async () => {
  const { url } = await StartServer.start()
  const page = await openPage(url)
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'History' }) })
  await card.getByText('Not running').waitFor()
  expect(await page.getByRole('heading', { level: 2 }).count()).toBeGreaterThan(2)

  await expectAccessible(page, 'the list')
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page, 'the list')

  // By keyboard alone.
  await page.getByRole('link', { name: 'History' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'All examples' }).click()
  await card.getByText('Running').waitFor()
  await card.getByRole('button', { name: 'Stop History' }).click()
  await card.getByText('Not running').waitFor()
})
