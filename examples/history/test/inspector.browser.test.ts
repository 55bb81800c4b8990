import {
  development,
  expectAccessible,
  Inspector,
  openPage,
  scratchFolder,
} from '@streamdb/example-shared/testing'
import { expect, test } from 'vitest'
import { RunningServer } from './running-server.ts'
import { ScratchRepository } from './scratch-repository.ts'

test('[V31] the inspector over the history: events, a filter, a row, the past, by the keyboard', async () => {
  const scratch = new ScratchRepository()
  for (let number = 1; number <= 12; number += 1) {
    scratch.commit(`Paint the fence ${number}`, { [`src/${number % 3}.ts`]: String(number) })
  }
  const { url } = await RunningServer.start(scratch.path, scratchFolder(), '0', development)
  const page = await openPage(url)
  await page.getByRole('main').getByRole('status').filter({ hasText: '12 commits' }).waitFor()
  const inspector = await Inspector.open(page)
  const { root } = inspector

  // The first load was before the inspector was there: its events are not lost.
  await root.getByRole('status').filter({ hasText: /^\d+$/ }).waitFor()
  await inspector.search('type:commit fence 7')
  await root.getByText(/^1 of /).waitFor()
  const line = inspector.events.filter({ hasText: 'Paint the fence 7' })
  await line.waitFor()

  // From the list to the event, its row and back, without a mouse.
  await root.getByRole('listbox').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const detail = root.getByRole('complementary', { name: /^Event/ })
  await detail.getByText('Paint the fence 7').first().waitFor()
  await expectAccessible(page, 'the timeline')
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'detached' })

  await page.keyboard.press('2')
  const table = await inspector.openTable('commit')
  await table.getByRole('button', { name: 'subject' }).click()
  await expect.poll(async () => table.getByRole('row').nth(1).innerText()).toContain('Paint the fence 1')
  await table.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await root.getByRole('heading', { name: 'History' }).waitFor()
  await expectAccessible(page, 'a row')

  // The past: as many rows as there were.
  const rows = async (): Promise<number> => Number(await table.getAttribute('aria-rowcount')) - 1
  expect(await rows()).toBe(12)
  await root.getByRole('slider', { name: 'Point in the log' }).focus()
  await page.keyboard.press('Home')
  await expect.poll(rows).toBe(0)
  await page.keyboard.press('l')
  await expect.poll(rows).toBe(12)

  await inspector.openPane('Queries')
  const queries = root.getByRole('table', { name: 'Live queries' })
  await queries.getByRole('row').filter({ hasText: 'commits' }).first().waitFor()
  await expectAccessible(page, 'queries')

  // What is committed now appears.
  await page.keyboard.press('1')
  await inspector.search('fence 99')
  scratch.commit('Paint the fence 99', { 'src/1.ts': '99' })
  await inspector.events.filter({ hasText: 'fence 99' }).first().waitFor()
})
