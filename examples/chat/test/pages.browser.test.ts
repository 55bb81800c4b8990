import {
  cutTexts,
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  signIn,
  smallestTarget,
  widths,
} from '@streamdb/example-shared/testing'
import type { Look, TestBrowser } from '@streamdb/example-shared/testing'
import { eventually, startStreamServer } from '@streamdb/testkit'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ChatPage } from './chat-page.ts'
import { ChatServer } from './chat-server.ts'
import type { StartedServer } from './chat-server.ts'

const minute = 60_000
const patient = { timeout: 20_000 }
const phone: Look = { width: 320, height: 640 }

/** Opens an address of a chat that has started, or starts one. */
async function openAt(address: string, look?: Look, expected?: RegExp, started?: StartedServer) {
  const server = started ?? (await ChatServer.start())
  const browser: TestBrowser = await openBrowser(expected)
  const ada = new ChatPage(await browser.open(server.url + address, look))
  return { server, browser, ada, page: ada.page }
}

/** Returns the text of the lobby's log. */
async function logOf(url: string): Promise<string> {
  return (await fetch(`${url}/stream/rooms/lobby?offset=-1`, { headers: await signIn(url) })).text()
}

/** Opens the reactions of the first message, and edits a message of Ada's. */
async function openEverything(ada: ChatPage): Promise<void> {
  const first = ada.page.getByRole('article').first()
  await first.focus()
  await first.getByRole('button', { name: 'React', exact: true }).click()
  await first.getByRole('group', { name: 'Reactions' }).waitFor()
}

// Each keeps one core busy: at the same time.
for (const colorScheme of ['light', 'dark'] as const) {
  test.concurrent(
    `[F-pages-7] [F-pages-8] [F-pages-15] every state of the page at every width, ${colorScheme}: axe finds nothing, nothing scrolls sideways`,
    { timeout: 4 * minute },
    async ({ onTestFinished }) => {
      const server = await ChatServer.start({ lifetime: onTestFinished })
      const browser = await openBrowser(undefined, onTestFinished)
      for (const width of widths) {
        const page = await browser.open(`${server.url}/?as=ada#lobby`, { width, colorScheme })
        const ada = await new ChatPage(page).ready()
        const look = async (what: string) => {
          const where = `${what}, ${colorScheme}, ${width} px`
          await expectNoSidewaysScroll(page, where)
          await expectAccessible(page, where)
          const { what: target, px } = await smallestTarget(page)
          expect(px, `${target}: ${where}`).toBeGreaterThanOrEqual(width < 700 ? 44 : 24)
        }
        await look('the lobby')
        await openEverything(ada)
        await look('with reactions to choose')
        await ada.say(
          `A message at ${width}, with aVeryLongWordThatHasNoPlaceToBreakAndWouldPushThePageApart`,
        )
        await ada.message(`A message at ${width}`).waitFor()
        await ada.composer.press('ArrowUp')
        await page.getByRole('textbox', { name: 'Edit the message' }).waitFor()
        await look('while editing')
        await page.keyboard.press('Escape')
        await ada.act(`A message at ${width}`, 'Delete')
        await page.getByRole('button', { name: 'Undo' }).waitFor()
        await look('after deleting')
        await ada.toggleConnection()
        await page.getByRole('alert').getByText('You are offline').waitFor()
        await look('offline')
        expect(await cutTexts(page, '.about, .time, .text')).toEqual([])
        await page.goto(`${server.url}/?as=ada#nowhere`)
        await page.getByText('There is no room “nowhere”').waitFor()
        await look('an unknown room')
        await page.goto(`${server.url}/?as=nobody#lobby`)
        await page.getByText('Nobody here is called “nobody”').waitFor()
        await look('an unknown person')
        await page.close()
      }
    },
  )
}

test('[F-pages-9] Save is the button that stands out', { timeout: minute }, async () => {
  const { ada, page } = await openAt('/?as=ada#lobby')
  await ada.ready()
  await ada.say('Morning')
  await ada.message('Morning').waitFor()
  await ada.composer.press('ArrowUp')
  const colorOf = async (name: string) =>
    page
      .getByRole('button', { name, exact: true })
      .evaluate((button) => getComputedStyle(button).backgroundColor)
  expect(await colorOf('Save')).not.toBe(await colorOf('Cancel'))
})

test(
  '[F-pages-10] a double click on React sends no reaction, with the pointer, a finger and the keyboard',
  { timeout: 2 * minute },
  async () => {
    for (const look of [undefined, phone]) {
      const { ada, page } = await openAt('/?as=ada#kitchen', look)
      await ada.ready()
      const message = ada.message('There are biscuits')
      await message.focus()
      const button = message.getByRole('button', { name: 'React', exact: true })
      await button.dblclick()
      await message.getByRole('group', { name: 'Reactions', exact: true }).waitFor()
      expect(await button.getAttribute('aria-expanded')).toBe('true')
      // Where the pointer still is, there is no reaction.
      const box = (await button.boundingBox()) ?? expect.fail()
      const under = await page.evaluate(
        ([x, y]) => document.elementFromPoint(x, y)?.closest('button')?.getAttribute('aria-label'),
        [box.x + box.width / 2, box.y + box.height / 2] as const,
      )
      expect(under).toBe('React')
      expect(await message.locator('.pill').count()).toBe(1)

      await page.keyboard.press('Escape')
      await message.getByRole('button', { name: 'React with heart' }).waitFor({ state: 'detached' })
      await button.press('Enter')
      await message.getByRole('button', { name: 'React with heart' }).click()
      await message.getByRole('button', { name: 'heart, 1, by Ada' }).waitFor()
      await page.close()
    }
  },
)

test(
  '[F-pages-11] [F-pages-13] members are called members, and reactions say what they are and whose',
  { timeout: minute },
  async () => {
    const { ada, page } = await openAt('/?as=ada#lobby')
    await ada.ready()
    await page.getByRole('heading', { name: 'Members 8' }).waitFor()
    expect(await page.getByText(/people|online|present/i).count()).toBe(0)
    await ada.message('Welcome!').getByRole('button', { name: 'wave, 2, by Alan and Grace' }).waitFor()
    await ada
      .message('Try the connection switch')
      .getByRole('button', { name: 'thumbs up, 1, by Ada' })
      .waitFor()
    await ada.message('Welcome!').hover()
    await ada.message('Welcome!').getByRole('button', { name: 'React', exact: true }).click()
    for (const name of ['thumbs up', 'heart', 'laughter', 'party', 'eyes', 'thanks']) {
      await ada
        .message('Welcome!')
        .getByRole('button', { name: `React with ${name}` })
        .waitFor()
    }
  },
)

test(
  '[F-pages-2] [F-pages-12] the address names the room; an unknown one says so, and links to the others',
  { timeout: minute },
  async () => {
    const server = await ChatServer.start()
    for (const hash of ['nowhere', 'LOBBY', '__proto__', '%', '%3Cb%3E', 'lobby/']) {
      const { page } = await openAt(`/?as=ada#${hash}`, undefined, undefined, server)
      await page.getByText('There is no room “').waitFor()
      expect(await page.getByRole('textbox').count()).toBe(0)
      expect(await page.title()).toBe('No such room · Ada')
      await page.getByRole('main').getByRole('link', { name: 'Kitchen' }).click()
      await page.getByRole('heading', { name: 'Kitchen' }).waitFor()
      expect(new URL(page.url()).hash).toBe('#kitchen')
      await page.goBack()
      await page.getByText('There is no room “').waitFor()
      await page.close()
    }
  },
)

test('[F-pages-14] everything that is large is served compressed', { timeout: minute }, async () => {
  const { url } = await ChatServer.start()
  const html = await (await fetch(url)).text()
  for (const path of [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, each]) => each)) {
    const sizes = new Map<string, number>()
    for (const encoding of ['br', 'gzip', 'identity']) {
      const { headers } = await fetch(`${url}${path}`, {
        method: 'HEAD',
        headers: { 'accept-encoding': encoding },
      })
      expect(headers.get('content-encoding') ?? 'identity').toBe(encoding)
      expect(headers.get('vary')).toContain('accept-encoding')
      sizes.set(encoding, Number(headers.get('content-length')))
    }
    expect(sizes.get('br')).toBeLessThan((sizes.get('identity') ?? 0) / 2)
    // `fetch` decompresses: what arrives is the file.
    expect((await (await fetch(`${url}${path}`)).text()).length).toBeGreaterThan(1_000)
  }
})

test(
  '[F-real-84] rows with impossible dates and pictures do not affect the room',
  { timeout: minute },
  async () => {
    const { server, ada, page } = await openAt('/?as=ada#lobby', undefined, /^Failed to load resource/)
    await ada.ready()
    const message = { authorId: 'grace', text: 'Poison' }
    const attachment = { id: 'a', name: 'a.png', size: 1, width: 1, height: 1 }
    const bad: readonly object[] = [
      { ...message, sentAt: 1e300 },
      { ...message, sentAt: -1 },
      { ...message, sentAt: 8.64e15 + 1 },
      { ...message, sentAt: 1.5 },
      { ...message, sentAt: 253_402_300_800_000 },
      { ...message, sentAt: 1, editedAt: 1e300 },
      ...[
        { ...attachment, id: '../../..//evil.example/x' },
        { ...attachment, id: '..%2f..%2fx' },
        { ...attachment, width: 0 },
        { ...attachment, height: 1e300 },
        { ...attachment, size: -1 },
      ].map((each) => ({ ...message, sentAt: 1, attachment: each })),
    ]
    const events = [
      ...bad.map((value, index) => ({
        type: 'message',
        key: `bad-${index}`,
        value: { id: `bad-${index}`, ...value },
      })),
      { type: 'typing', key: 'grace', value: { userId: 'grace', until: 1e300 } },
      { type: 'typing', key: 'alan', value: { userId: 'alan', until: 253_402_300_799_999 } },
      { type: 'receipt', key: 'grace', value: { userId: 'grace', messageId: 'lobby-1', readUntil: 1e300 } },
      { type: 'user', key: 'grace', value: { id: 'grace', name: '' } },
      {
        type: 'message',
        key: 'last',
        value: { id: 'last', authorId: 'grace', text: 'In year 9999', sentAt: 253_402_300_799_999 },
      },
    ].map((event) => ({ ...event, headers: { operation: 'upsert' } }))
    const response = await fetch(`${server.url}/stream/rooms/lobby`, {
      ...{ method: 'POST', body: JSON.stringify(events) },
      headers: { 'content-type': 'application/json', ...(await signIn(server.url, 'grace')) },
    })
    expect(response.status).toBe(422)
    // Without a gateway in front of them, as an earlier version of the server was.
    await server.stop()
    const streams = await startStreamServer({ dataDir: join(server.data, 'rooms') })
    await streams.appendItems(`${streams.url}/stream/rooms/lobby`, events)
    await streams.stop()
    await ChatServer.start({ data: server.data, port: new URL(server.url).port })
    await ada.message('In year 9999').waitFor()
    expect(await ada.message('Poison').count()).toBe(0)
    expect(await page.getByText('is writing').count()).toBe(0)
    await page.reload()
    await ada.message('Messages can be edited').waitFor()
    await ada.say('Still here')
    await ada.message('Still here').waitFor()
  },
)

test(
  '[F-real-26] over plain http, where there is no crypto.randomUUID, messages and pictures are sent',
  { timeout: minute },
  async () => {
    const server = await ChatServer.start()
    const browser = await openBrowser()
    const page = await browser.open('about:blank')
    // What a browser does for an origin that is neither https nor this machine.
    await page.addInitScript(() => {
      Reflect.deleteProperty(Crypto.prototype, 'randomUUID')
    })
    await page.goto(`${server.url}/?as=ada#lobby`)
    const ada = await new ChatPage(page).ready()
    expect(await page.evaluate(() => typeof Reflect.get(crypto, 'randomUUID'))).toBe('undefined')
    await ada.say('Over plain http')
    await ada.message('Over plain http').waitFor()
    await eventually(async () => {
      const log = await logOf(server.url)
      expect(log).toContain('Over plain http')
    }, patient)
  },
)

test(
  '[F-real-28] a refused reaction, edit and deletion are shown with the reason',
  { timeout: minute },
  async () => {
    const { ada, page } = await openAt('/?as=ada#lobby', undefined, /^Failed to load resource.*422/)
    await ada.ready()
    await ada.say('Mine')
    await ada.message('Mine').waitFor()
    await eventually(
      async () => expect(await ada.message('Mine').getByText('Sending').count()).toBe(0),
      patient,
    )
    await page.route('**/stream/rooms/**', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            ...{ status: 422, contentType: 'text/plain', body: 'validation: not today' },
            headers: { 'access-control-allow-origin': '*' },
          })
        : route.continue(),
    )
    const refusal = page.getByRole('status').getByText(/^Not done: .*422/)
    await ada.react('Mine', 'heart')
    await refusal.waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await refusal.waitFor({ state: 'detached' })
    expect(await ada.message('Mine').getByRole('button', { name: 'heart, 1' }).count()).toBe(0)
    await ada.act('Mine', 'Delete')
    await refusal.waitFor()
    await ada.message('Mine').waitFor()
  },
)

test('[F-real-86] the page says how large a picture may be', { timeout: minute }, async () => {
  const { ada, page } = await openAt('/?as=ada#lobby')
  await ada.ready()
  const button = page.getByRole('button', { name: 'Attach a picture' })
  expect(await button.getAttribute('title')).toContain('PNG, JPEG, GIF, WEBP, or AVIF, at most 8.4 MB')
  await page.locator('input[type=file]').setInputFiles({
    ...{ name: 'big.png', mimeType: 'image/png', buffer: Buffer.alloc(9_000_000) },
  })
  await page.getByRole('alert').getByText('big.png has 9.0 MB; at most 8.4 MB can be attached.').waitFor()
})

test(
  '[F-real-34] an offline browser shows it soon, and the write arrives when it is back',
  { timeout: 2 * minute },
  async () => {
    const { server, ada, page } = await openAt('/?as=ada#lobby', undefined, /^Failed to load resource/)
    await ada.ready()
    await page.context().setOffline(true)
    await page.getByRole('alert').getByText('You are offline').waitFor({ timeout: 5_000 })
    await ada.say('Written without a network')
    await ada.message('Written without a network').getByText('Waiting for the connection').waitFor()
    await page.getByText('1 waiting to be sent').waitFor()
    await page.context().setOffline(false)
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await eventually(async () => {
      const log = await logOf(server.url)
      expect(log).toContain('Written without a network')
    }, patient)
    await ada.message('Written without a network').getByText('Waiting').waitFor({ state: 'detached' })
  },
)

test('[F-pages-15] everything can be done by the keyboard', { timeout: minute }, async () => {
  const { ada, page } = await openAt('/?as=ada#lobby')
  await ada.ready()
  const focused = async () =>
    page.evaluate(() => {
      const { activeElement: element } = document
      if (element === document.body) return 'nothing'
      return element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    })
  /** Presses Tab until the focus is on what matches. */
  const tabTo = async (what: RegExp, key = 'Tab') => {
    const passed: string[] = []
    for (let presses = 0; presses < 40; presses += 1) {
      if (what.test(await focused())) return
      passed.push(await focused())
      await page.keyboard.press(key)
    }
    expect.fail(`${what} was not reached: ${passed.join(' | ')}`)
  }
  await page.keyboard.type('By keyboard')
  await page.keyboard.press('Enter')
  await ada.message('By keyboard').waitFor()
  await ada.message('By keyboard').getByText('Sending').waitFor({ state: 'detached' })

  // From the message, its actions; the reactions open beside the button, and Escape goes back to it.
  await tabTo(/^AAda.*By keyboard/, 'Shift+Tab')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('React')
  const outline = await page.evaluate(() =>
    document.activeElement === null ? '' : getComputedStyle(document.activeElement).outlineStyle,
  )
  expect(outline).toBe('solid')
  await page.keyboard.press('Enter')
  await tabTo(/^React with thumbs up$/)
  await page.keyboard.press('Escape')
  expect(await focused()).toBe('React')
  await page.keyboard.press('Enter')
  await tabTo(/^React with heart$/)
  await page.keyboard.press('Enter')
  await ada.message('By keyboard').getByRole('button', { name: 'heart, 1, by Ada' }).waitFor()
  expect(await focused()).toBe('React')

  await tabTo(/^Edit$/)
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Edit the message' }).waitFor()
  await page.keyboard.type(', edited')
  await page.keyboard.press('Enter')
  await ada.message('By keyboard, edited').waitFor()
  expect(await focused()).toMatch(/^Message to/)

  await tabTo(/^Kitchen/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Kitchen' }).waitFor()
})
