import { openBrowser } from '@streamdb/example-shared/testing'
import { expect, test } from 'vitest'
import { AgentsPage } from './agents-page.ts'
import { AgentsServer } from './agents-server.ts'

/** Opens windows of a server that has started. */
async function openWindows<Names extends readonly string[]>(
  server: { readonly url: string },
  session: string,
  ...names: Names
): Promise<{ readonly [Index in keyof Names]: AgentsPage }> {
  // The provider of documents says so of every page that is not served by HTTPS.
  const browser = await openBrowser(/Using HTTP/)
  const pages = await Promise.all(
    names.map(async (name) =>
      new AgentsPage(await browser.open(`${server.url}/?as=${name}#${session}`)).ready(),
    ),
  )
  // A page for each of the names.
  return pages as { readonly [Index in keyof Names]: AgentsPage }
}

test('[A30] [A31] two people read one answer as it streams; the tool that it calls waits for the other one', async () => {
  const server = await AgentsServer.start()
  const [ada, grace] = await openWindows(server, 'opening-room', 'ada', 'grace')
  await ada.say('Order a scan of Note G')
  const question = grace.page.getByRole('group', { name: 'Order a scan of Note G for 40 €?' })
  await question.getByRole('button', { name: 'Approve' }).click()
  await ada.last.getByText('Approved by Grace').waitFor()

  // The text comes bit by bit, and the same to both.
  await ada.last.getByText('The scan of').waitFor()
  expect(await ada.status.innerText()).toContain('Scout is answering')
  const begun = await ada.last.innerText()
  await ada.quiet()
  const whole = await ada.last.locator('.prose').innerText()
  expect(whole.length).toBeGreaterThan(begun.length / 2)
  await grace.quiet()
  expect(await grace.last.locator('.prose').innerText()).toBe(whole)
  expect(await ada.last.getByRole('table').count()).toBe(1)
})
