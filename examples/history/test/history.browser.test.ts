import { openPage, scratchFolder } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { RunningServer } from './running-server.ts'
import { ScratchRepository } from './scratch-repository.ts'

const minute = 60_000
/** A commit should be on the page within a second; the rest is for a busy machine. */
const soon = { timeout: 5_000 }

/** Sixty commits of two authors, the last by User Two. */
function repository(): ScratchRepository {
  const scratch = new ScratchRepository()
  for (let number = 1; number <= 60; number += 1) {
    const author = number % 3 === 0 ? 'User Two <two@example.invalid>' : 'User One <one@example.invalid>'
    const subject = number % 10 === 0 ? `Mend the gate ${number}` : `Paint the fence ${number}`
    scratch.commit(subject, { [`src/file-${number % 7}.ts`]: String(number) }, '--author', author)
  }
  return scratch
}

async function open(scratch: ScratchRepository): Promise<Page> {
  const { url } = await RunningServer.start(scratch.path, scratchFolder())
  const page = await openPage(url)
  await expectSummary(page, '60 commits')
  return page
}

function row(page: Page, text: string | RegExp): Locator {
  return page.getByRole('main').getByRole('button', { name: text })
}

async function expectSummary(page: Page, text: string): Promise<void> {
  await page.getByRole('main').getByRole('status').filter({ hasText: text }).waitFor()
}

test(
  'shows the commits, newest first, with their authors and files, and the status of the log',
  { timeout: minute },
  async () => {
    const page = await open(repository())
    const rows = page.getByRole('main').getByRole('listitem')
    expect(await rows.first().innerText()).toMatch(/Mend the gate 60\s+User Two\s+1 file, 1 unchanged since/)
    expect(await rows.nth(1).innerText()).toMatch(/Paint the fence 59\s+User One\s+1 file, 1 unchanged since/)
    expect(await rows.first().getAttribute('aria-setsize')).toBe('60')
    expect(await rows.count()).toBeLessThan(60)

    const bar = page.getByRole('contentinfo')
    expect(await bar.innerText()).toMatch(
      /^Live\s+offset\s+0_\d+\s+events\s+180\s+rows\s+69\s+first load\s+[\d.]+ m?s$/,
    )
    const ranking = page.getByRole('complementary', { name: 'Authors' }).getByRole('button')
    expect(await ranking.allInnerTexts()).toEqual([
      expect.stringMatching(/User One\s+40/),
      expect.stringMatching(/User Two\s+20/),
    ])
  },
)

test('searches, filters by author, and says that nothing matches', { timeout: minute }, async () => {
  const page = await open(repository())
  const search = page.getByRole('searchbox', { name: 'Search commits' })
  await search.fill('GATE')
  await expectSummary(page, '6 of 60 commits')
  const two = page.getByRole('button', { name: 'User Two, 20 commits' })
  await two.click()
  await expectSummary(page, '2 of 60 commits')
  expect(await two.getAttribute('aria-pressed')).toBe('true')
  await row(page, 'Mend the gate 30').waitFor()

  await search.fill('gate 31')
  await page.getByText('No commit matches “gate 31”').waitFor()
  await page.getByText('among those of User Two').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await expectSummary(page, '60 commits')
})

test(
  'a commit made now appears without a reload, in the filtered list too',
  { timeout: minute },
  async () => {
    const scratch = repository()
    const page = await open(scratch)
    await page.evaluate(() => document.body.setAttribute('data-same-page', ''))

    const made = performance.now()
    scratch.commit('Oil the hinges', { 'src/hinge.ts': '1' })
    await row(page, 'Oil the hinges').waitFor(soon)
    expect(performance.now() - made).toBeLessThan(soon.timeout)
    await expectSummary(page, '61 commits')
    await page.getByRole('button', { name: 'User One, 41 commits' }).waitFor()

    await page.getByRole('searchbox').fill('hinges')
    await expectSummary(page, '1 of 61 commits')
    scratch.commit('Oil the hinges again')
    await row(page, 'Oil the hinges again').waitFor(soon)
    await expectSummary(page, '2 of 62 commits')
    expect(await page.locator('body[data-same-page]').count()).toBe(1)
  },
)

test('an amended commit replaces the old one without a reload', { timeout: minute }, async () => {
  const scratch = repository()
  const page = await open(scratch)
  scratch.commit('Mend the gate for good', {}, '--amend')
  await row(page, 'Mend the gate for good').waitFor(soon)
  await row(page, 'Mend the gate 60').waitFor({ state: 'detached', ...soon })
  await expectSummary(page, '60 commits')
})

test('a chosen commit shows the files that it changed', { timeout: minute }, async () => {
  const scratch = repository()
  const page = await open(scratch)
  await row(page, 'Mend the gate 60').click()
  const files = page.getByRole('list', { name: 'Files that this commit changed' })
  expect(await files.innerText()).toMatch(/^src\/file-4.ts\s+unchanged since, 9 changes$/)

  // Another commit changes file-4.ts.
  scratch.commit('Paint it', { 'src/file-4.ts': '61' })
  await files.getByText('changed later, 10 changes').waitFor(soon)
})

test('the keyboard moves through the list, and to the search box', { timeout: minute }, async () => {
  const page = await open(repository())
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  await row(page, 'Mend the gate 60').focus()
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toContain('Paint the fence 59')
  await page.keyboard.press('End')
  await eventually(async () => expect(await focused()).toMatch(/Paint the fence 1\D/))
  await page.keyboard.press('Enter')
  await page.getByRole('main').locator('[aria-expanded=true]').waitFor()

  await page.keyboard.press('/')
  await page.keyboard.type('gate')
  await expectSummary(page, '6 of 60 commits')
  await page.keyboard.press('Escape')
  await expectSummary(page, '60 commits')
})

test('says that the server is gone, keeps its rows, and resumes', { timeout: minute }, async () => {
  const scratch = repository()
  const { page, restart } = await openForRestart(scratch, /^Failed to load resource/)
  await restart(() => scratch.commit('Oil the hinges'))
  await row(page, 'Oil the hinges').waitFor()
  await expectLive(page)
  expect(await page.getByRole('contentinfo').innerText()).toMatch(/events\s+182\b/)
})

test('follows the new log when the server has started one', { timeout: minute }, async () => {
  const scratch = repository()
  const { page, restart } = await openForRestart(scratch, /^(Failed to load resource|TanStack DB error 172)/)
  // A log with a rewritten history is replaced at the next start.
  scratch.commit('Mend it for good', {}, '--amend')
  await row(page, 'Mend it for good').waitFor(soon)
  await restart(() => scratch.commit('Oil the hinges'))
  await row(page, 'Oil the hinges').waitFor()
  await expectLive(page)
})

/** Opens a page whose server can be stopped and started again at the same address. */
async function openForRestart(scratch: ScratchRepository, expected: RegExp) {
  const data = scratchFolder()
  const server = await RunningServer.start(scratch.path, data)
  const page = await openPage(server.url, expected)
  await expectSummary(page, '60 commits')
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''))

  /** Stops the server, does `meanwhile` when the page has seen it, and starts the server. */
  async function restart(meanwhile: () => void): Promise<void> {
    await server.stop()
    await page.getByRole('contentinfo').getByText('Reconnecting').waitFor()
    await page.getByRole('alert').waitFor()
    expect(await row(page, /Mend the gate 50/).isVisible()).toBe(true)
    meanwhile()
    await RunningServer.start(scratch.path, data, new URL(server.url).port)
  }

  return { page, restart }
}

/** Expects the page to follow the log, and to be the one that was opened first. */
async function expectLive(page: Page): Promise<void> {
  await page.getByRole('contentinfo').getByText('Live').waitFor()
  await page.getByRole('alert').waitFor({ state: 'detached' })
  expect(await page.locator('body[data-same-page]').count()).toBe(1)
}
