import { development, expectAccessible, Inspector, openBrowser } from '@streamdb/example-shared/testing'
import { expect, test } from 'vitest'
import { ChatPage } from './chat-page.ts'
import { ChatServer } from './chat-server.ts'

test('[V32] the inspector over the chat: writes, who leads, and a row that is edited', async () => {
  const { url } = await ChatServer.start({ env: development })
  const browser = await openBrowser()
  const ada = await new ChatPage(await browser.open(`${url}/?as=ada#lobby`)).ready()
  const inspector = await Inspector.open(ada.page)
  const { root } = inspector

  await inspector.search('is:own type:message')
  await ada.say('Good morning')
  const line = inspector.events.filter({ hasText: 'Good morning' })
  await line.first().waitFor()
  await inspector.openPane('Writes')
  const sent = root.getByRole('listitem').filter({ hasText: 'Good morning' }).filter({ hasText: 'send' })
  await sent.getByText('confirmed').first().waitFor()
  await expectAccessible(ada.page, 'writes')

  await inspector.openPane('Connection')
  await root.getByText(/^leader\. This tab reads the log/).waitFor()

  // An edit is a write of the application: everybody sees it, and the row says who changed what.
  const table = await inspector.openTable('message')
  await table.getByRole('row').filter({ hasText: 'Good morning' }).click()
  await root.getByRole('button', { name: 'Edit' }).click()
  const editor = root.getByRole('textbox', { name: /whole row/ })
  await editor.fill((await editor.inputValue()).replace('Good morning', 'Good evening'))
  await root.getByRole('button', { name: 'Write', exact: true }).click()
  await ada.message('Good evening').waitFor()
  const history = root.getByRole('list').filter({ hasText: 'insert' }).filter({ hasText: 'update' })
  await history.getByText('"Good evening"').waitFor()
  await expectAccessible(ada.page, 'a row')

  // Narrow, as a sheet: nothing lies outside of it.
  await ada.page.setViewportSize({ width: 390, height: 780 })
  await inspector.openPane('Timeline')
  await root.getByRole('listbox').waitFor()
  const outside = await root.evaluate((element) =>
    [...element.querySelectorAll('button, input')]
      .filter((each) => {
        const { right, width } = each.getBoundingClientRect()
        return width > 0 && right > 391 && each.closest('.tabs, .chips') === null
      })
      .map((each) => each.outerHTML),
  )
  expect(outside).toEqual([])
})
