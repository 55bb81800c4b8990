import { openBrowser } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { AgentsPage, expectedErrors } from './agents-page.ts'
import { createSession } from './agents-server.ts'
import { Keyboard } from './keyboard.ts'
import { roomsOfFile } from './rooms.ts'

// At the same time, each in a session of its own.
const rooms = roomsOfFile()
/** What is done in mid answer may take long on a busy machine: there an answer lasts longer. */
const slowRooms = roomsOfFile(10)
const patient = { timeout: 60_000 }

test.concurrent(
  '[A43] the page opens without a network; what is written then waits over a reload, and arrives once',
  async ({ onTestFinished }) => {
    const url = await rooms.url()
    const id = await createSession(url, 'Out of reach')
    const browser = await openBrowser(/./, onTestFinished)
    const ada = await new AgentsPage(await browser.open(`${url}/?as=ada#${id}`)).ready()
    await ada.page.evaluate(async () => void (await navigator.serviceWorker.ready))
    // A context of her own: Ada's network is cut, and not hers.
    const grace = new AgentsPage(await browser.open(`${url}/?as=grace#${id}`, { width: 1200 }))

    await ada.page.context().setOffline(true)
    await ada.say('Written without a network')
    await ada.said('Ada', 'Written without').getByText('Waiting for the connection').waitFor()
    await ada.page.getByText('1 message waiting to be sent').waitFor()
    await ada.page.reload()
    await ada.message('I look things up in the archive').waitFor()
    await ada.said('Ada', 'Written without').getByText('Waiting for the connection').waitFor()
    await ada.page.getByRole('alert').getByText('The connection is lost').waitFor()
    await grace.message('I look things up in the archive').waitFor()
    expect(await grace.said('Ada', 'Written without').count()).toBe(0)

    await ada.page.context().setOffline(false)
    await grace.said('Ada', 'Written without').waitFor()
    await ada
      .said('Ada', 'Written without')
      .getByText('Waiting for the connection')
      .waitFor({ state: 'detached' })
    await ada.last.locator('.prose').getByText('The archive has').waitFor()
    for (const page of [ada, grace]) expect(await page.said('Ada', 'Written without').count()).toBe(1)
    expect(await ada.page.getByText('waiting to be sent').count()).toBe(0)
  },
)

test.concurrent(
  '[A43] the tabs of one person share a connection, and all of them write',
  async ({ onTestFinished }) => {
    const url = await rooms.url()
    const id = await createSession(url, 'Two tabs')
    const browser = await openBrowser(expectedErrors, onTestFinished)
    /** The tab of each open live read of the session. */
    const live = new Map<object, number>()
    const tabs: AgentsPage[] = []
    for (const tab of [0, 1]) {
      const page = await browser.openTab('about:blank')
      page.on('request', (request) => {
        const { pathname, searchParams } = new URL(request.url())
        if (pathname === `/stream/sessions/${id}` && searchParams.has('live')) live.set(request, tab)
      })
      for (const event of ['requestfinished', 'requestfailed'] as const)
        page.on(event as 'requestfinished', (request) => live.delete(request))
      await page.goto(`${url}/?as=ada#${id}`)
      tabs.push(await new AgentsPage(page).ready())
    }
    const [first, second] = tabs
    if (first === undefined || second === undefined) return
    await second.composer.fill('From the second tab')
    await second.page.getByRole('button', { name: 'Scout', exact: true }).click()
    await second.composer.press('Enter')
    await first.said('Ada', 'From the second tab').waitFor()
    await second.said('Ada', 'From the second tab').getByText('Sending').waitFor({ state: 'detached' })
    await eventually(() => expect([...live.values()]).toEqual([0]), patient)
  },
)

test.concurrent(
  '[A44] what was said is found, also before what is shown; the keyboard leads to it',
  async ({ onTestFinished }) => {
    const url = await rooms.url()
    const long = Array.from({ length: 120 }, (_, index) =>
      index === 7 ? 'Mercury delay lines, in a row of tanks' : `Remark ${index}`,
    )
    const id = await createSession(url, 'A long conversation', long)
    const browser = await openBrowser(expectedErrors, onTestFinished)
    const ada = await new AgentsPage(await browser.open(`${url}/?as=ada#${id}`)).ready()
    const keyboard = new Keyboard(ada.page)
    await ada.message('Remark 119').waitFor()
    expect(await ada.message('Mercury').count()).toBe(0)

    await keyboard.press('Control+k', 'Search the conversation')
    await keyboard.type('tanks mercury')
    await ada.page.getByText('1 message found').waitFor()
    await ada.page.getByRole('list', { name: 'Found' }).locator('mark').getByText('Mercury').waitFor()
    await keyboard.press('ArrowDown', /^Grace Mercury.*tanks/)
    await keyboard.press('Enter')
    await ada.message('Mercury').waitFor()
    await eventually(async () => expect(await keyboard.focused()).toBe('Grace said'), patient)
    const box = (await ada.message('Mercury').boundingBox()) ?? expect.fail()
    expect(box.y).toBeGreaterThan(0)
    expect(box.y).toBeLessThan(800)
    const highlighted = async () =>
      ada.page.evaluate(() => [...(CSS.highlights.get('search') ?? [])].map(String).sort())
    await eventually(async () => expect(await highlighted()).toEqual(['Mercury', 'tanks']), patient)
    await keyboard.press('Control+k', 'Search the conversation')
    await keyboard.press('Escape', 'Message')
    await eventually(async () => expect(await highlighted()).toEqual([]), patient)

    await ada.page.getByRole('searchbox', { name: 'Find a session' }).fill('LONG')
    const sessions = ada.page.getByRole('navigation', { name: 'Sessions' })
    await sessions.getByRole('link').nth(1).waitFor({ state: 'detached' })
    expect(await sessions.locator('mark').innerText()).toBe('long')
  },
)

test.concurrent(
  '[A99] sessions are made, named, archived, brought back and deleted; each says what is unread',
  async ({ onTestFinished }) => {
    const url = await rooms.url()
    const id = await createSession(url, 'Elsewhere')
    // Windows that have it open hear of it by being refused.
    const expected = new RegExp(`${expectedErrors.source}|404 .*/sessions/\\w+\\?`)
    const browser = await openBrowser(expected, onTestFinished)
    const open = async (name: string) =>
      new AgentsPage(await browser.open(`${url}/?as=${name}#${id}`)).ready()
    const [ada, grace] = [await open('ada'), await open('grace')]
    const link = ({ page }: AgentsPage, name: string) =>
      page.getByRole('navigation', { name: 'Sessions' }).getByRole('link', { name })
    const tool = async (name: string) => ada.page.getByRole('button', { name, exact: true }).click()

    await tool('New session')
    await ada.page.getByText('Nothing has been said here').waitFor()
    await ada.composer.fill('The second room')
    // For the people alone.
    await tool('Scout')
    await ada.composer.press('Enter')
    await link(grace, 'The second room').getByText('1 unread').waitFor()
    await ada.composer.fill('Has tapes')
    await ada.composer.press('Enter')
    await link(grace, 'The second room').getByText('2 unread').waitFor()
    await link(grace, 'The second room').click()
    await grace.message('Has tapes').waitFor()
    await link(grace, 'The second room').getByText('unread').waitFor({ state: 'detached' })

    await tool('Rename')
    await ada.page.getByRole('textbox', { name: 'Title' }).fill('The tapes')
    await ada.page.keyboard.press('Enter')
    await grace.page.getByRole('heading', { name: 'The tapes' }).waitFor()
    await link(grace, 'The tapes').waitFor()

    await tool('Move to the archive')
    await link(grace, 'The tapes').waitFor({ state: 'detached' })
    await tool('Archive')
    await link(ada, 'The tapes').waitFor()
    await tool('Bring back from the archive')
    await link(grace, 'The tapes').waitFor()
    await link(ada, 'The tapes').waitFor({ state: 'detached' })

    await link(grace, 'Elsewhere').click()
    await tool('Delete')
    const dialog = ada.page.getByRole('dialog', { name: 'Delete The tapes' })
    await dialog.getByRole('button', { name: 'Keep it' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await tool('Delete')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await link(grace, 'The tapes').waitFor({ state: 'detached' })
    await ada.page.getByRole('heading', { name: 'The tapes' }).waitFor({ state: 'detached' })
  },
)

test.concurrent(
  '[A37] the carets of others have their names, stay at their letters, and go with them',
  async (context) => {
    const [ada, grace] = await rooms.open(context)
    const notes = (page: AgentsPage) => page.page.getByRole('textbox', { name: 'Notes' })
    const caret = grace.page.locator('.caret')
    const lines = [
      'First line',
      'a second one that is long enough to be broken where the notes end, twice at least',
      '',
    ]
    await notes(ada).fill(lines.join('\n'))
    await notes(ada).press('Control+Home')
    await caret.getByText('Ada').waitFor()
    const placeOf = async () => (await caret.boundingBox()) ?? expect.fail()
    const before = await placeOf()
    await notes(ada).press('End')
    await eventually(async () => expect((await placeOf()).x).toBeGreaterThan(before.x + 40), patient)
    const colored = await caret.evaluate((element) => getComputedStyle(element).getPropertyValue('--color'))
    expect(colored).toMatch(/^#[\da-f]{6}$/)

    // What is written before it moves it, with its letters.
    await notes(grace).press('Control+Home')
    await notes(grace).pressSequentially('Above\n')
    await eventually(async () => expect((await placeOf()).y).toBeGreaterThan(before.y + 10), patient)
    await grace.page.getByText('Ada in line 2').waitFor()
    const heights = await notes(grace).evaluate((box) => [
      box.scrollHeight,
      document.querySelector('.carets')?.scrollHeight,
    ])
    expect(heights[0]).toBe(heights[1])

    await ada.composer.focus()
    await caret.waitFor({ state: 'detached' })
    await notes(ada).focus()
    await caret.waitFor()
    await ada.page.close()
    await caret.waitFor({ state: 'detached' })
  },
)

test.concurrent(
  '[A40] all of it without a mouse: to write, approve, stop and branch; the focus is seen and not lost',
  async ({ onTestFinished }) => {
    const url = await slowRooms.url()
    const id = await createSession(url, 'By the keyboard')
    const browser = await openBrowser(expectedErrors, onTestFinished)
    const ada = await new AgentsPage(await browser.open(`${url}/?as=ada#${id}`)).ready()
    const keyboard = new Keyboard(ada.page)
    expect(await keyboard.focused()).toBe('Message')
    const spoken = await countSpoken(ada.page)
    await keyboard.type('Order a scan of Note G')
    await keyboard.press('Enter', 'Message')
    await ada.last.getByRole('button', { name: 'Approve' }).waitFor()
    await keyboard.backTo('Approve')
    await keyboard.press('Enter', /^Order a scan of Note G for/)
    await ada.last.getByText('Approved by Ada').waitFor()
    await ada.last.locator('.prose').getByText('is ordered').waitFor()
    await keyboard.backTo('Stop Scout')
    await keyboard.press('Enter')
    await ada.last.getByText('Ada stopped it').waitFor()
    await eventually(async () => expect(await keyboard.focused()).toBe('Message'), patient)
    // The question, the words of its outcome, who works; what streams is not read token by token.
    expect(await spoken()).toBeLessThan(12)

    await keyboard.backTo('Answer again')
    await keyboard.press('Enter')
    await ada.last.getByText('2 of 2').waitFor()
    await ada.last.getByRole('button', { name: 'Approve' }).waitFor()
    await keyboard.to('Stop Scout')
    await keyboard.press('Enter')
    await ada.last.getByText('Ada stopped it').waitFor()
    await keyboard.backTo('Version before')
    await keyboard.press('Enter')
    await ada.last.getByText('1 of 2').waitFor()
    await eventually(async () => expect(await keyboard.focused()).toBe('Scout said'), patient)
    await keyboard.to('Next version')
    await keyboard.press('Enter', 'Scout said')
    await ada.last.getByText('2 of 2').waitFor()
  },
)

test.concurrent(
  '[A40] on a phone, tables and code that stream do not widen the conversation',
  async ({ onTestFinished }) => {
    const url = await rooms.url()
    const id = await createSession(url, 'On a phone')
    const browser = await openBrowser(expectedErrors, onTestFinished)
    const look = { width: 390, height: 844, colorScheme: 'dark' } as const
    const ada = new AgentsPage(await browser.open(`${url}/?as=ada#${id}`, look))
    await ada.message('I look things up').waitFor()
    await ada.page.evaluate(measureWidths)
    await ada.say('Show me the program of Note G')
    await ada.last.locator('.prose pre').waitFor()
    await ada.last.getByRole('table').waitFor()
    await ada.quiet()
    const { frames, wide } = await ada.page.evaluate(() => {
      const { measured } = globalThis as unknown as Measured
      return { ...measured, wide: [...measured.wide] }
    })
    expect(frames).toBeGreaterThan(20)
    expect(wide).toEqual([])
    // It scrolls by itself.
    const code = ada.last.locator('.prose pre')
    expect(await code.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeGreaterThan(0)
  },
)

interface Measured {
  measured: { frames: number; wide: Set<string> }
}

/** Looks in every frame from now on whether anything but code and tables is wider than its place. */
function measureWidths(): void {
  const found: Measured['measured'] = { frames: 0, wide: new Set() }
  Object.assign(globalThis, { measured: found })
  const look = (): void => {
    found.frames++
    for (const selector of [
      'html',
      'body',
      '.scroller',
      '.content-column',
      '.message',
      '.content',
      '.prose',
    ]) {
      for (const element of document.querySelectorAll(selector)) {
        if (element.scrollWidth > element.clientWidth + 1)
          found.wide.add(`${selector}: ${element.scrollWidth} px`)
      }
    }
    requestAnimationFrame(look)
  }
  look()
}

/** Counts the changes that a screen reader is told of from now on; returns how many there were. */
async function countSpoken(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    Object.assign(globalThis, { spoken: 0 })
    new MutationObserver((changes) => {
      const isSpoken = ({ target }: MutationRecord): boolean => {
        const element = target instanceof Element ? target : target.parentElement
        const region = element?.closest('[aria-live], [role=log], [role=status], [role=alert]')
        return region !== null && region !== undefined
      }
      const counts = globalThis as unknown as { spoken: number }
      counts.spoken += changes.filter(isSpoken).length
    }).observe(document.body, { childList: true, characterData: true, subtree: true })
  })
  return async () => page.evaluate(() => (globalThis as unknown as { spoken: number }).spoken)
}
