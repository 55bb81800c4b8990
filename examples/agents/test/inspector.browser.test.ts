import { development, Inspector, openBrowser } from '@streamdb/example-shared/testing'
import { expect, test } from 'vitest'
import { AgentsPage, expectedErrors } from './agents-page.ts'
import { AgentsServer } from './agents-server.ts'

test('[V31] the inspector over a session: an answer as it streams, and the session before it', async () => {
  const { url } = await AgentsServer.start({ base: development })
  const browser = await openBrowser(expectedErrors)
  const ada = await new AgentsPage(await browser.open(`${url}/?as=ada#opening-room`)).ready()
  const inspector = await Inspector.open(ada.page)
  const { root } = inspector
  const table = await inspector.openTable('message')
  const rows = async (): Promise<number> => Number(await table.getAttribute('aria-rowcount')) - 1
  const before = await rows()
  expect(before).toBeGreaterThan(0)

  await ada.say('What do we know about EDSAC?')
  await expect.poll(rows, { timeout: 20_000 }).toBeGreaterThan(before)
  // From the new row to the event that made it, and one event back.
  await table
    .getByRole('row')
    .nth(before + 1)
    .click()
  await root.getByRole('button', { name: 'Go here' }).last().click()
  await expect.poll(rows).toBe(before + 1)
  await ada.page.keyboard.press('[')
  await expect.poll(rows).toBe(before)
  await root.getByText(/as it stood before event/).waitFor()
})
