import {
  expectAccessible,
  expectNoSidewaysScroll,
  openBrowser,
  scratchFolder,
  smallestTarget,
} from '@streamdb/example-shared/testing'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { JobsServer } from './jobs-server.ts'

/** Many files, on which a job works for long, and a folder of two. */
function folder(): string {
  const root = scratchFolder()
  mkdirSync(join(root, 'small'))
  for (let index = 100; index < 400; index++)
    writeFileSync(join(root, `${index}.txt`), `some words ${index}\n`)
  for (const name of ['a', 'b']) writeFileSync(join(root, 'small', `${name}.txt`), 'one two two\n')
  return root
}

class JobsPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async start(kind: string, path: string): Promise<void> {
    await this.page.getByRole('radio', { name: kind }).check()
    await this.page.keyboard.press('Escape')
    await this.page.getByRole('textbox').fill(path)
    await this.page.keyboard.press('Enter')
  }

  /** The row of a job that is in this state. */
  row(title: string, state: string): Locator {
    return this.page.locator('article.job > .row').filter({ hasText: title }).filter({ hasText: state })
  }

  tile(state: string): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^\\d+\\s*${state}$`) })
  }

  worker(id: string): Locator {
    return this.page.getByRole('article', { name: id, exact: true })
  }
}

test(
  '[J1] [J2] [J3] two windows see jobs start, run, fail, be cancelled and retried, and a killed worker lose its job',
  { timeout: 120_000 },
  async () => {
    const root = folder()
    const server = await JobsServer.start(
      '--roots',
      root,
      '--workers',
      '2',
      '--pace',
      '200',
      '--lease',
      '4000',
    )
    const browser = await openBrowser()
    const one = new JobsPage(await browser.open(server.url, { width: 1280 }))
    const other = new JobsPage(await browser.open(server.url, { width: 390, colorScheme: 'dark' }))

    await one.page.getByText('No jobs yet').waitFor()
    await one.page.keyboard.press('n')
    expect(await one.page.getByRole('textbox').evaluate((box) => box === document.activeElement)).toBe(true)
    await one.start('Count words', 'small')
    for (const page of [one, other]) await page.row('Count words small', 'Done').waitFor()
    await one.row('Count words small', 'Done').click()
    await one.page.getByRole('list', { name: 'The most frequent words' }).getByText('two 4').waitFor()
    await one.page.getByRole('list', { name: 'Log' }).getByText('Done').waitFor()

    await one.start('Throw once', 'small')
    await other.row('Throw once small', 'Failed').waitFor()
    await other.page.getByRole('button', { name: 'Retry Throw once small' }).click()
    await one.row('Throw once small', 'attempt 2').filter({ hasText: 'Done' }).waitFor()
    await one.start('Hash', '../elsewhere')
    await one.row('Hash ../elsewhere', 'is in none of the folders').waitFor()

    await one.start('Hash', '.')
    await one.start('Count words', '.')
    await expect.poll(async () => one.tile('Running').innerText(), { timeout: 10_000 }).toMatch(/^2/)
    // With the keyboard: the row that has the focus is cancelled.
    await one.row('Count words everything', 'Running').focus()
    await one.page.keyboard.press('c')
    await other.row('Count words everything', 'Cancelled').waitFor()
    const busy = (await one.row('Hash everything', 'by ada').count()) > 0 ? 'ada' : 'grace'
    await one.page.getByRole('button', { name: `Kill ${busy}` }).click()
    for (const page of [one, other]) {
      await page.worker(busy).getByText('Not running').waitFor()
      await page.row('Hash everything', 'attempt').filter({ hasText: 'Running' }).waitFor()
    }
    await other.row('Hash everything', 'Running').click()
    await other.page.getByText(`Worker ${busy} is silent: its lease has ended`).waitFor()
    await other.page.getByRole('button', { name: `Start ${busy}` }).click()
    await one.worker(busy).getByText('Idle').waitFor()

    for (const [{ page }, where] of [
      [one, 'wide and light'],
      [other, 'narrow and dark'],
    ] as const) {
      await expectAccessible(page, where)
      await expectNoSidewaysScroll(page, where)
    }
    const { what, px } = await smallestTarget(other.page)
    expect(px, what).toBeGreaterThanOrEqual(44)

    await other.tile('Failed').click()
    await other.page.getByText('1 job of 5').waitFor()
    expect(new URL(other.page.url()).search).toBe('?state=failed')
    await one.page.getByRole('button', { name: 'Remove Hash ../elsewhere' }).click()
    await other.page.getByText('No job is failed').waitFor()
    expect(await one.tile('Done').innerText()).toMatch(/^2/)
    await one.page.getByRole('row', { name: /^Count words 1 / }).waitFor()
  },
)
