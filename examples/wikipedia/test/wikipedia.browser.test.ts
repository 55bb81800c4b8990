import {
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  scratchFolder,
  smallestTarget,
} from '@streamdb/example-shared/testing'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { refusingAddress } from './refusing-address.ts'
import { WikipediaServer } from './wikipedia-server.ts'

/** A recording of a thousand changes of three wikis. */
function recording(): string {
  const file = join(scratchFolder(), 'recorded.ndjson')
  const lines = Array.from({ length: 1_000 }, (_, index) => {
    const wiki = ['enwiki', 'dewiki', 'frwiki'][index % 3]
    return JSON.stringify({
      ...{
        meta: { id: `event-${index}`, dt: '2026-01-01T00:00:00Z', uri: `https://example.org/${index}` },
        wiki,
      },
      ...{ type: index % 10 === 0 ? 'new' : 'edit', namespace: index % 4, title: `Page ${index % 50}` },
      ...{
        user: `Editor ${index % 7}`,
        bot: index % 5 === 0,
        minor: false,
        comment: 'recorded',
        length: { old: 10, new: 12 },
      },
    })
  })
  writeFileSync(file, lines.join('\n'))
  return file
}

/** Returns the milliseconds between the frames of a page, for so long. */
async function frames(page: Page, duration: number): Promise<number[]> {
  return page.evaluate(
    async (ms) =>
      new Promise<number[]>((resolve) => {
        const between: number[] = []
        const end = performance.now() + ms
        let last: number | undefined
        requestAnimationFrame(function next(now) {
          if (last !== undefined) between.push(now - last)
          last = now
          if (now < end) requestAnimationFrame(next)
          else resolve(between)
        })
      }),
    duration,
  )
}

const quantile = (between: readonly number[], part: number) =>
  [...between].sort((a, b) => a - b)[Math.floor(part * (between.length - 1))] ?? 0

test(
  '[Y2] [Y3] [Y4] [Y5] five hundred changes a second are drawn, filtered and ranked; without a source the page says so',
  { timeout: 90_000 },
  async () => {
    const server = await WikipediaServer.start(
      ...[
        '--replay',
        recording(),
        '--speed',
        '500',
        '--keep',
        '3000',
        '--max-kib',
        '1',
        '--source',
        await refusingAddress(),
      ],
    )
    const browser = await openBrowser()
    const blank = await browser.open('about:blank', { width: 400 })
    const page = await browser.open(server.url, { width: 1280 })
    const list = page.getByRole('list', { name: 'Changes' })
    await list.getByRole('listitem').first().waitFor()
    await page.getByText('3,000 changes').waitFor()
    // The stream is soon too large: the page loads the next one, whose snapshots it asks for first.
    const moved = page.waitForRequest(/\.snapshots\?/)
    const received = async () =>
      Number(
        (
          await page
            .getByText(/^received/)
            .locator('..')
            .getByRole('definition')
            .first()
            .innerText()
        ).replace(/,/g, ''),
      )
    // A page that does nothing is drawn at the same time: what else runs on this machine holds up both. The best of five.
    let ratio = 0
    for (let attempt = 1; attempt <= 5 && ratio <= 0.8; attempt++) {
      const before = await received()
      const [drawn, idle] = await Promise.all([frames(page, 2_500), frames(blank, 2_500)])
      const came = (await received()) - before
      if (came < 200) continue
      ratio = Math.max(ratio, drawn.length / idle.length)
      const [median, late, most] = [0.5, 0.95, 1].map((part) => quantile(drawn, part).toFixed(1))
      process.stdout.write(
        `wikipedia: ${drawn.length} frames while ${came} changes came, ${idle.length} of a blank page; ` +
          `${median} ms median, ${late} ms 95%, ${most} ms at most\n`,
      )
    }
    expect(ratio).toBeGreaterThan(0.5)
    expect(await list.getByRole('listitem').count()).toBeLessThan(60)

    // Held, the list stands still while changes come.
    await page.keyboard.press('p')
    const first = await list.getByRole('listitem').first().innerText()
    await page.getByRole('button', { name: /^Held: [1-9]/ }).waitFor()
    expect(await list.getByRole('listitem').first().innerText()).toBe(first)
    await page.keyboard.press('p')

    await page.keyboard.press('/')
    await page.keyboard.type('page 49')
    await page.getByRole('radio', { name: 'People' }).check()
    await page.getByRole('combobox', { name: 'Type' }).selectOption('Edit')
    const rankings = page.getByRole('complementary', { name: 'Rankings' })
    await rankings.getByRole('button', { name: /^dewiki/ }).click()
    await page.waitForURL('**/?text=page+49&wiki=dewiki&type=edit&bots=people')
    await expect
      .poll(async () => new Set(await list.locator('.title').allInnerTexts()), { timeout: 15_000 })
      .toEqual(new Set(['Page 49']))
    expect(new Set(await list.locator('.wiki').allInnerTexts())).toEqual(new Set(['dewiki']))

    await moved
    await page.getByRole('button', { name: /^Read 127\.0\.0\.1/ }).click()
    await page
      .getByRole('alert')
      .getByText(/cannot be reached \(.*ECONNREFUSED.*\): there may be no Internet/)
      .waitFor()
    await page.getByLabel('Speed').selectOption('10 a second')
    await page.getByRole('button', { name: 'Show made-up changes' }).click()
    await page.getByText('nobody edits these pages').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await list
      .getByText(/^Made-up page/)
      .first()
      .waitFor()

    const phone = await browser.open(server.url, { width: 390, colorScheme: 'dark' })
    await phone.getByRole('list', { name: 'Changes' }).getByRole('listitem').first().waitFor()
    for (const [each, where] of [
      [page, 'wide and light'],
      [phone, 'narrow and dark'],
    ] as const) {
      // What changes while axe looks would be told from what it has seen.
      await each.keyboard.press('p')
      await expectAccessible(each, where)
      await expectNoSidewaysScroll(each, where)
    }
    const { what, px } = await smallestTarget(phone)
    expect(px, what).toBeGreaterThanOrEqual(24)
  },
)
