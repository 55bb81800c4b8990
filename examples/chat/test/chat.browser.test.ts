import { openBrowser, scratchFolder, signIn } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { ChatPage } from './chat-page.ts'
import { ChatServer } from './chat-server.ts'
import { png } from './png.ts'

const minute = 60_000
const patient = { timeout: 20_000 }

/** Starts a server, and opens a room in a window for each of the people. */
async function open(room: string, people: readonly string[], expected?: RegExp) {
  const data = scratchFolder()
  const server = await ChatServer.start({ data })
  const browser = await openBrowser(expected)
  const windows: ChatPage[] = []
  for (const person of people) {
    windows.push(new ChatPage(await browser.open(`${server.url}/?as=${person}#${room}`)))
  }
  await Promise.all(windows.map((window) => window.ready()))
  const restart = () => ChatServer.start({ data, port: new URL(server.url).port })
  return { server, browser, windows, restart, url: server.url }
}

/** Opens the lobby for Ada and Grace. */
async function openTwo(expected?: RegExp) {
  const { windows, ...rest } = await open('lobby', ['ada', 'grace'], expected)
  const [ada, grace] = windows
  if (ada === undefined || grace === undefined) throw new Error('Two windows were asked for')
  return { ada, grace, ...rest }
}

/** Expects both windows to show the same, with `text` in it. */
async function expectAgreement(one: ChatPage, other: ChatPage, ...texts: readonly string[]): Promise<void> {
  await eventually(async () => {
    const said = await one.said()
    expect(said).toEqual(expect.arrayContaining([...texts]))
    expect(await other.said()).toEqual(said)
    expect(await one.page.getByText('Waiting for the connection').count()).toBe(0)
  }, patient)
}

test(
  'one click opens a second user, who sees typing and messages, reacts, and reads',
  { timeout: minute },
  async () => {
    const { browser, windows, url } = await open('lobby', ['ada'])
    const ada = windows[0] ?? expect.fail()
    const popup = ada.page.waitForEvent('popup')
    await ada.page.getByRole('link', { name: 'Open a window as Grace' }).click()
    const grace = await new ChatPage(browser.watch(await popup)).ready()
    expect(grace.page.url()).toBe(`${url}/?as=grace#lobby`)

    await grace.composer.fill('Good morning')
    await ada.page.getByText('Grace is writing…').waitFor()
    await grace.composer.press('Enter')
    await ada.message('Good morning').waitFor()
    await ada.page.getByText('Grace is writing…').waitFor({ state: 'detached' })
    expect(await ada.page.getByRole('log').innerText()).toBe('Grace: Good morning')
    await grace.message('Good morning').getByText('Read by Ada').waitFor({ state: 'attached' })

    await ada.page.bringToFront()
    await ada.react('Good morning', 'heart')
    await grace.page.bringToFront()
    await grace.message('Good morning').getByRole('button', { name: 'heart, 1' }).click()
    const hearts = ada.message('Good morning').getByRole('button', { name: 'heart, 2' })
    await hearts.waitFor()
    expect(await hearts.getAttribute('aria-pressed')).toBe('true')
    expect(await hearts.getAttribute('title')).toBe('Ada and Grace')
    await ada.page.bringToFront()
    await hearts.click()
    await grace.message('Good morning').getByRole('button', { name: 'heart, 1' }).waitFor()

    // A closed window sends nothing any more: the clock ends its typing.
    await grace.composer.fill('And then')
    await ada.page.getByText('Grace is writing…').waitFor()
    await grace.page.close()
    await ada.page.getByText('Grace is writing…').waitFor({ state: 'detached' })
  },
)

test('counts the unread messages of the other rooms', { timeout: minute }, async () => {
  const { ada, grace } = await openTwo()
  const kitchen = (window: ChatPage) => window.page.getByRole('link', { name: /^Kitchen/ })
  await kitchen(grace).getByText('1 unread').waitFor()
  await kitchen(ada).click()
  await ada.page.getByRole('heading', { name: 'Kitchen' }).waitFor()
  await ada.say('Tea is ready')
  await kitchen(grace).getByText('2 unread').waitFor()
  await kitchen(grace).click()
  await kitchen(grace).getByText('unread').waitFor({ state: 'detached' })
  await grace.page.getByText('New', { exact: true }).waitFor()
  await ada.message('Tea is ready').getByText('Read by Grace').waitFor({ state: 'attached' })
})

test('after writing offline and reconnecting, both windows agree', { timeout: minute }, async () => {
  const { ada, grace } = await openTwo()
  await ada.toggleConnection()
  await ada.page.getByRole('alert').getByText('You are offline').waitFor()
  await ada.say('Written offline')
  await ada.message('Written offline').getByText('Waiting for the connection').waitFor()
  await grace.say('Meanwhile')
  await grace.message('Meanwhile').waitFor()
  await ada.page.getByText('1 waiting to be sent').waitFor()
  // Cut off for real: neither side has heard of the other.
  expect(await ada.message('Meanwhile').count()).toBe(0)
  expect(await grace.message('Written offline').count()).toBe(0)

  await ada.page.getByRole('button', { name: 'Go online' }).click()
  await expectAgreement(ada, grace, 'Written offline', 'Meanwhile')
  await ada.page.getByRole('alert').waitFor({ state: 'detached' })
})

test(
  'after the server is killed and restarted, nothing is lost or stored twice',
  { timeout: 2 * minute },
  async () => {
    const { ada, grace, server, restart } = await openTwo(/^Failed to load resource/)
    await ada.say('Before')
    await grace.message('Before').waitFor()
    await ada.page.evaluate(() => document.body.setAttribute('data-same-page', ''))
    await server.kill()
    await ada.page.getByRole('alert').getByText('The connection is lost').waitFor()
    await ada.page.getByText(/for \d+ s, (next try in \d+ s|trying…)/).waitFor()
    await ada.say('From Ada')
    await grace.say('From Grace')
    await ada.message('From Ada').getByText('Waiting for the connection').waitFor()
    await ada.page.getByRole('button', { name: 'Try now' }).click()

    await restart()
    await expectAgreement(ada, grace, 'Before', 'From Ada', 'From Grace')
    for (const text of ['Before', 'From Ada', 'From Grace']) expect(await ada.message(text).count()).toBe(1)
    await ada.page.getByRole('alert').waitFor({ state: 'detached' })
    expect(await ada.page.locator('body[data-same-page]').count()).toBe(1)
  },
)

test(
  '[S1] after a reload the messages are there before the server answers',
  { timeout: minute },
  async () => {
    const { ada } = await openTwo(/^Failed to load resource/)
    await ada.say('Kept in the browser')
    await ada.message('Kept in the browser').getByText('Sending').waitFor({ state: 'detached' })
    // Stored within a tenth of a second, and at the latest when the page is left.
    await ada.page.route('**/stream/rooms/**', () => undefined)
    await ada.page.reload()
    await ada.message('Kept in the browser').waitFor()
    await ada.message('Messages can be edited').waitFor()
  },
)

test(
  '[O1] what is written offline survives a reload, and arrives once from another tab when the first is closed',
  { timeout: 2 * minute },
  async () => {
    const { ada, grace, browser, url } = await openTwo(/^Failed to load resource/)
    await ada.toggleConnection()
    for (const text of ['First', 'Second', 'Third']) await ada.say(text)
    await ada.page.getByText('3 waiting to be sent').waitFor()
    await ada.page.route('**/stream/rooms/**', (route) => route.abort())
    await ada.page.reload()
    await ada.ready()
    await ada.message('Third').getByText('Waiting for the connection').waitFor()
    await ada.say('Fourth')
    await ada.message('Fourth').getByText('Waiting for the connection').waitFor()
    expect(await grace.message('First').count()).toBe(0)
    await ada.page.close()

    const again = await new ChatPage(await browser.open(`${url}/?as=ada#lobby`)).ready()
    await grace.message('Fourth').waitFor()
    await expectAgreement(again, grace, 'First', 'Second', 'Third', 'Fourth')
    const said = (await grace.said()).filter((text) => ['First', 'Second', 'Third', 'Fourth'].includes(text))
    expect(said).toEqual(['First', 'Second', 'Third', 'Fourth'])
  },
)

test(
  '[T3] ten tabs of one person share a connection, and all of them write',
  { timeout: 3 * minute },
  async () => {
    const { windows, browser, url } = await open('lobby', ['grace'])
    const [grace] = windows
    const tabs: ChatPage[] = []
    // The open live reads of the lobby, by tab.
    const live = new Map<object, number>()
    for (let tab = 0; tab < 10; tab++) {
      const page = await browser.openTab('about:blank')
      // Before it loads: no request is missed.
      page.on('request', (request) => {
        const { pathname, searchParams } = new URL(request.url())
        if (pathname === '/stream/rooms/lobby' && searchParams.has('live')) live.set(request, tab)
      })
      page.on('requestfinished', (request) => live.delete(request))
      page.on('requestfailed', (request) => live.delete(request))
      await page.goto(`${url}/?as=ada#lobby`)
      tabs.push(await new ChatPage(page).ready())
    }
    for (const [index, tab] of tabs.entries()) await tab.say(`From tab ${index}`)
    for (const tab of tabs) {
      for (const index of tabs.keys()) await tab.message(`From tab ${index}`).waitFor({ state: 'attached' })
    }
    await grace?.message('From tab 9').waitFor()
    // The first one reads for all.
    expect([...live.values()]).toEqual([0])
    await tabs[0]?.page.close()
    for (const [request, tab] of live) if (tab === 0) live.delete(request)
    await tabs[1]?.say('The first is closed')
    await tabs[9]?.message('The first is closed').waitFor()
    await eventually(() => expect(live.size).toBe(1), patient)
  },
)

test('eight tabs at once show the same messages', { timeout: 3 * minute }, async () => {
  const people = ['ada', 'grace', 'alan', 'katherine', 'edsger', 'barbara', 'donald', 'radia']
  const { windows } = await open('lobby', people)
  await Promise.all(windows.map((window, index) => window.say(`Hello from ${people[index]}`)))
  for (const window of windows) {
    for (const person of people) await window.message(`Hello from ${person}`).waitFor({ state: 'attached' })
  }
  const said = await Promise.all(windows.map((window) => window.said()))
  for (const each of said) expect(each).toEqual(said[0])
})

test('edits and deletes a message with its reactions, and undoes both', { timeout: minute }, async () => {
  const { ada, grace } = await openTwo()
  await ada.say('Morning')
  await ada.composer.press('ArrowUp')
  await ada.page.getByRole('textbox', { name: 'Edit the message' }).fill('Evening')
  await ada.page.keyboard.press('Enter')
  await grace.message('Evening').getByText('edited').waitFor()
  await ada.page.getByRole('status').getByText('Message edited').waitFor()
  await ada.page.getByRole('button', { name: 'Undo' }).click()
  await grace.message('Morning').waitFor()
  await ada.page.getByRole('button', { name: 'Redo' }).click()
  await grace.message('Evening').waitFor()

  await grace.react('Evening', 'party')
  await ada.message('Evening').getByRole('button', { name: 'party, 1' }).waitFor()
  await ada.act('Evening', 'Delete')
  await grace.message('Evening').waitFor({ state: 'detached' })
  await ada.page.getByRole('button', { name: 'Undo' }).waitFor()
  await ada.composer.press('Control+z')
  await grace.message('Evening').getByRole('button', { name: 'party, 1' }).waitFor()
  // Others' messages cannot be deleted.
  await ada.message('Messages can be edited').hover()
  expect(await ada.message('Messages can be edited').getByRole('button', { name: 'Delete' }).count()).toBe(0)
})

test('a refused message shows the reason, and can be retried or discarded', { timeout: minute }, async () => {
  const { ada, grace } = await openTwo(/^Failed to load resource.*413/)
  let refuses = true
  await ada.page.route('**/stream/rooms/**', (route) =>
    refuses && route.request().method() === 'POST'
      ? route.fulfill({ status: 413, headers: { 'access-control-allow-origin': '*' } })
      : route.continue(),
  )
  await ada.say('Too much')
  const unsent = ada.page.getByRole('article', { name: 'Ada, not sent' })
  await unsent.getByRole('alert').getByText('with 413: the transaction is too large for it').waitFor()
  expect(await unsent.innerText()).toContain('Too much')
  refuses = false
  await unsent.getByRole('button', { name: 'Try again' }).click()
  await grace.message('Too much').waitFor()
  await unsent.waitFor({ state: 'detached' })

  refuses = true
  await ada.say('Never mind')
  await unsent.getByRole('button', { name: 'Discard' }).click()
  await unsent.waitFor({ state: 'detached' })
  expect(await ada.message('Never mind').count()).toBe(0)
})

test(
  '[HO6] Ada’s page cannot write as Grace: it is refused, shown with the reason, and taken back',
  { timeout: minute },
  async () => {
    const { ada, grace, url } = await openTwo(/^Failed to load resource.*40[13]/)
    // By hand: as nobody, and signed in as herself.
    const value = { id: 'forged', authorId: 'grace', text: 'As Grace', sentAt: Date.now() }
    const forged = { type: 'message', key: 'forged', value, headers: { operation: 'insert' } }
    const { authorization } = await signIn(url, 'ada')
    const send = async (token: string) =>
      ada.page.evaluate(sendMessage, [JSON.stringify([forged]), token] as const)
    expect(await send('')).toMatch(/^401 /)
    expect(await send(`${authorization.slice(0, -1)}_`)).toMatch(/^401 /)
    expect(await send(authorization)).toMatch(/^403 .*"another-name"/)

    // By what the page itself does, changed on its way.
    await ada.page.route('**/stream/rooms/**', (route) => {
      const body = route.request().postData()
      if (body === null) return route.continue()
      return route.continue({ postData: body.replaceAll('"ada"', '"grace"').replaceAll('/ada/', '/grace/') })
    })
    await ada.react('Welcome!', 'heart')
    await ada.page.getByRole('status').getByText('Not done: Nobody writes in another’s name.').waitFor()
    expect(
      await ada
        .message('Welcome!')
        .getByRole('button', { name: /^heart/ })
        .count(),
    ).toBe(0)
    await ada.say('As Grace')
    const unsent = ada.page.getByRole('article', { name: 'Ada, not sent' })
    await unsent.getByRole('alert').getByText('Nobody writes in another’s name.').waitFor()
    await ada.page.unroute('**/stream/rooms/**')
    await unsent.getByRole('button', { name: 'Discard' }).click()
    await unsent.waitFor({ state: 'detached' })

    await ada.say('As myself')
    await grace.message('As myself').waitFor()
    expect(await grace.message('As Grace').count()).toBe(0)
  },
)

/** Sends a body to the lobby, and returns the status and the text of the answer. Runs in the page. */
async function sendMessage([body, authorization]: readonly [string, string]): Promise<string> {
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
  const response = await fetch('/stream/rooms/lobby', { method: 'POST', headers, body })
  return `${response.status} ${await response.text()}`
}

test(
  'a picture of several megabytes is sent and shown, through a broken connection and a refusal',
  { timeout: 2 * minute },
  async () => {
    const { ada, grace } = await openTwo(/^Failed to load resource.*415/)
    const picture = png(1200, 900)
    expect(picture.length).toBeGreaterThan(3_000_000)
    let pieces = 0
    await ada.page.route('**/stream/files/**', async (route) => {
      pieces += 1
      // In the middle of it the connection is cut; the rest goes when it is back.
      if (pieces === 8) await ada.toggleConnection()
      await route.continue().catch(() => undefined)
    })
    await ada.attach('noise.png', picture)
    await ada.say('Look at that')
    const progress = ada.message('Look at that').getByRole('progressbar', { name: 'Sending noise.png' })
    await ada.page.getByRole('button', { name: 'Go online' }).waitFor()
    expect(await progress.getAttribute('value')).toMatch(/^0\.\d+$/)
    expect(await grace.message('Look at that').count()).toBe(0)
    await ada.page.getByRole('button', { name: 'Go online' }).click()

    const shown = grace.message('Look at that').getByRole('img', { name: 'noise.png' })
    await shown.waitFor()
    const width = () =>
      shown.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0))
    await eventually(async () => expect(await width()).toBe(1200), patient)
    await ada.page.unroute('**/stream/files/**')

    await ada.page.route('**/stream/files/**', (route) =>
      route.fulfill({ status: 415, body: 'Not this one.', headers: { 'access-control-allow-origin': '*' } }),
    )
    await ada.attach('small.png', png(20, 20))
    await ada.page.getByRole('button', { name: 'Send' }).click()
    const unsent = ada.page.getByRole('article', { name: 'Ada, not sent' })
    await unsent.getByRole('alert').getByText('the server answered 415. Not this one.').waitFor()
    await ada.page.unroute('**/stream/files/**')
    await unsent.getByRole('button', { name: 'Try again' }).click()
    await grace.page.getByRole('img', { name: 'small.png' }).waitFor()
  },
)

test(
  '[N20] a long room is opened from a snapshot that the server has made, and the log behind it',
  { timeout: minute },
  async () => {
    const { url } = await ChatServer.start({ env: { ...process.env, CHAT_SNAPSHOTS_EVERY: '200' } })
    const index = `${url}/stream/rooms/archive.snapshots`
    await eventually(async () => {
      const answer = await fetch(`${index}?offset=-1`, { headers: await signIn(url) })
      expect(await answer.text()).toContain('"rows"')
    }, patient)
    const browser = await openBrowser()
    const page = await browser.open('about:blank')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).href))
    await page.goto(`${url}/?as=ada#archive`)
    const ada = await new ChatPage(page).ready()
    await ada.message(/10000\. /).waitFor()
    await ada.say('Behind the snapshot')
    await ada.message('Behind the snapshot').getByText('Sending').waitFor({ state: 'detached' })
    expect(asked.some((each) => each.includes('/archive.snapshots.'))).toBe(true)
    expect(asked.filter((each) => each.includes('/archive?offset=-1'))).toEqual([])
  },
)

test(
  'a list of ten thousand messages follows at its end, keeps its place above, and is never empty',
  { timeout: 2 * minute },
  async () => {
    const { windows } = await open('archive', ['ada', 'grace'])
    const [ada = expect.fail(), grace = expect.fail()] = windows
    await ada.message(/10000\. /).waitFor()
    await grace.say('At the end')
    await ada.message('At the end').waitFor()
    const scroller = ada.page.locator('.scroller')
    const fromEnd = () => scroller.evaluate((each) => each.scrollHeight - each.scrollTop - each.clientHeight)
    await eventually(async () => expect(await fromEnd()).toBeLessThan(2), patient)

    await ada.page.bringToFront()
    const frames = await scroller.evaluate(scrollUp, 120)
    expect(frames.empty).toBe(0)
    expect(frames.rows).toBeLessThan(100)

    // While somebody reads above, new messages move nothing.
    const anchor = ada.page.getByRole('article').nth(14)
    const text = await anchor.innerText()
    const top = async () =>
      (
        await ada
          .message(text.split('\n').at(-1) ?? '')
          .first()
          .boundingBox()
      )?.y
    const before = await top()
    for (const word of ['first', 'second', 'third']) await grace.say(`While reading, ${word}`)
    await ada.page.getByRole('button', { name: '3 new' }).waitFor()
    expect(await top()).toBe(before)
    await ada.page.getByRole('button', { name: '3 new' }).click()
    await ada.message('While reading, third').waitFor()
    await ada.page.getByRole('button', { name: '3 new' }).waitFor({ state: 'detached' })

    // The keyboard goes all the way.
    await ada.message('While reading, third').focus()
    await ada.page.keyboard.press('Home')
    await ada.message(/^A.*\n?.*\n?1\. I looked into the loom/s).waitFor()
    await eventually(async () => {
      expect(await ada.page.evaluate(() => document.activeElement?.textContent)).toContain(
        '1. I looked into the loom',
      )
    }, patient)
  },
)

/** Scrolls up by half a page a frame, and counts the frames in which there was nothing in the middle. */
async function scrollUp(scroller: Element, count: number) {
  const box = scroller.getBoundingClientRect()
  let empty = 0
  for (let frame = 0; frame < count; frame += 1) {
    scroller.scrollTop -= box.height / 2
    await new Promise(requestAnimationFrame)
    const middle = document.elementFromPoint(box.left + 80, box.top + box.height / 2)
    if (!middle?.closest('li')) empty += 1
  }
  return { empty, rows: scroller.querySelectorAll('[data-index]').length }
}
