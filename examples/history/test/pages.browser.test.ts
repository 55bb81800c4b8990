import {
  cutTexts,
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  scratchFolder,
  smallestTarget,
  widths,
} from '@streamdb/example-shared/testing'
import type { Look } from '@streamdb/example-shared/testing'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { RunningServer } from './running-server.ts'
import { ScratchRepository } from './scratch-repository.ts'

const minute = 60_000
const home = 'http://127.0.0.1:9/'
const deep = `packages/${'a-very-long-folder-name/'.repeat(6)}`
const longSubject = `Explain ${'at some length '.repeat(12)}why`

/** Forty commits of two authors; the last one has a long subject and changes four files in deep folders. */
function repository() {
  const scratch = new ScratchRepository()
  const ids: string[] = []
  for (let number = 1; number < 40; number += 1) {
    const author =
      number % 3 === 0 ? 'Two <two@example.invalid>' : 'A Person With a Rather Long Name <a@example.invalid>'
    ids.push(
      scratch.commit(
        `Paint the fence ${number}`,
        { [`src/file-${number % 5}.ts`]: String(number) },
        '--author',
        author,
      ),
    )
  }
  const files = Object.fromEntries([1, 2, 3, 4].map((number) => [`${deep}file-${number}.ts`, '1']))
  ids.push(scratch.commit(longSubject, files))
  return { scratch, ids, head: ids.at(-1) ?? '' }
}

async function start(scratch: ScratchRepository): Promise<string> {
  const options = ['--repo', scratch.path, '--data', scratchFolder(), '--port', '0', '--home', home]
  return new RunningServer(options).printedUrl('StreamDB history')
}

async function open(url: string, look?: Look): Promise<Page> {
  const page = await (await openBrowser()).open(url, look)
  await page.getByRole('main').getByRole('status').filter({ hasText: 'commits' }).first().waitFor()
  return page
}

function row(page: Page, text: string | RegExp): Locator {
  return page.getByRole('main').getByRole('button', { name: text })
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(
    `[F-pages-3] [F-pages-5] [F-pages-8] [F-pages-15] every state of the page at every width, ${colorScheme}: axe finds nothing, no text is cut`,
    { timeout: 4 * minute },
    async () => {
      const { scratch } = repository()
      const url = await start(scratch)
      const browser = await openBrowser()
      for (const width of widths) {
        const page = await browser.open(url, { width, colorScheme })
        const look = async (what: string) => {
          const where = `${what}, ${colorScheme}, ${width} px`
          await expectNoSidewaysScroll(page, where)
          await expectAccessible(page, where)
          const { what: target, px } = await smallestTarget(page)
          expect(px, `${target}: ${where}`).toBeGreaterThanOrEqual(width < 700 ? 44 : 24)
          const texts =
            '.subject, time, .folder, .name, .path, .by, .touched, .repository, .branch, .author-name, dd'
          expect(await cutTexts(page, texts), where).toEqual([])
        }
        await row(page, longSubject).waitFor()
        await look('the list')
        await row(page, longSubject).click()
        await page
          .getByRole('list', { name: 'Files that this commit changed' })
          .getByText('file-4.ts')
          .waitFor()
        await look('with an open commit')
        await page.getByRole('button', { name: /^Two, 13 commits/ }).click()
        await page.getByRole('searchbox').fill('fence')
        await page.getByText('13 of 40 commits').waitFor()
        await look('with a filter')
        await page.goto(`${url}/?commit=deadbeef&search=nothing+at+all`)
        await page.getByText('There is no commit deadbeef in this history.').waitFor()
        await look('with nothing to show')
        await page.close()
      }
    },
  )
}

test('[F-pages-6] rows span a wide screen, on one line each', { timeout: minute }, async () => {
  const { scratch } = repository()
  const page = await open(await start(scratch), { width: 2560, height: 1300 })
  const box = (await row(page, 'Paint the fence 39').boundingBox()) ?? expect.fail()
  expect(box.x + box.width).toBeGreaterThan(2_500)
  expect(box.height).toBeLessThan(56)
})

test('[F-pages-1] links to the list of all examples', { timeout: minute }, async () => {
  const { scratch } = repository()
  const page = await open(await start(scratch))
  expect(await page.getByRole('link', { name: 'All examples' }).getAttribute('href')).toBe(home)
  const alone = await RunningServer.start(scratch.path, scratchFolder())
  const other = await open(alone.url)
  expect(await other.getByRole('link', { name: 'All examples' }).count()).toBe(0)
})

test(
  '[F-pages-4] an open commit lists as many files as it counts, with their present state',
  { timeout: minute },
  async () => {
    const { scratch, head } = repository()
    scratch.commit('Change one, remove one', { [`${deep}file-1.ts`]: '2', [`${deep}file-2.ts`]: undefined })
    const page = await open(`${await start(scratch)}/?commit=${head}`)
    expect(await row(page, longSubject).innerText()).toMatch(/4 files, 2 unchanged since/)
    const files = page.getByRole('list', { name: 'Files that this commit changed' }).getByRole('listitem')
    await files.nth(3).waitFor()
    expect(await files.allInnerTexts()).toEqual([
      expect.stringMatching(/file-1\.ts\s+changed later, 2 changes$/),
      expect.stringMatching(/file-2\.ts\s+no longer exists$/),
      expect.stringMatching(/file-3\.ts\s+unchanged since, 1 change$/),
      expect.stringMatching(/file-4\.ts\s+unchanged since, 1 change$/),
    ])
  },
)

test(
  '[F-pages-2] search, author and commit are in the address: it can be shared, reloaded, and undone with Back',
  { timeout: 2 * minute },
  async () => {
    const { scratch, ids } = repository()
    const url = await start(scratch)
    const page = await open(url)
    const query = () => new URL(page.url()).search
    await page.getByRole('searchbox').fill('fence')
    await page.waitForURL('**/?search=fence')
    const two = page.getByRole('button', { name: /^Two, 13 commits/ })
    await two.click()
    const author = new URL(page.url()).searchParams.get('author')
    expect(author).toMatch(/^[0-9a-f]{12}$/)
    await row(page, 'Paint the fence 12').click()
    expect(query()).toBe(`?search=fence&author=${author}&commit=${ids[11]}`)

    await page.reload()
    await page.getByText('13 of 40 commits').waitFor()
    expect(await page.getByRole('searchbox').inputValue()).toBe('fence')
    expect(await two.getAttribute('aria-pressed')).toBe('true')
    expect(await row(page, 'Paint the fence 12').getAttribute('aria-expanded')).toBe('true')

    await page.goBack()
    await page.getByRole('main').locator('[aria-expanded=true]').waitFor({ state: 'detached' })
    await page.goBack()
    expect(await two.getAttribute('aria-pressed')).toBe('false')
    expect(query()).toBe('?search=fence')
    await page.goForward()
    await page.getByText('13 of 40 commits').waitFor()

    // A commit far down is scrolled to, by the beginning of its id too; one that the filter hides is offered.
    await page.goto(`${url}/?commit=${ids[0]?.slice(0, 10)}`)
    await row(page, /Paint the fence 1\D/).waitFor()
    expect(await row(page, /Paint the fence 1\D/).getAttribute('aria-expanded')).toBe('true')
    await page.goto(`${url}/?search=at+some+length&commit=${ids[0]}`)
    await page.getByText('does not match the filter').waitFor()
    await page.getByRole('button', { name: 'Show it' }).click()
    await row(page, /Paint the fence 1\D/).waitFor()
    await page.goto(`${url}/?author=nobody`)
    await page.getByText('There is no such author here.').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('40 commits').waitFor()
    expect(query()).toBe('')
  },
)
