import type { Locator, Page } from 'playwright-core'

/** The environment of an example's server whose page is built for development: the inspector is in it. */
export const development: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'development' }

/** The StreamDB inspector of a page: its panes, and what they show. */
export class Inspector {
  readonly page: Page
  readonly root: Locator
  /** The lines of the timeline. */
  readonly events: Locator

  constructor(page: Page) {
    this.page = page
    this.root = page.getByRole('region', { name: 'StreamDB inspector' })
    this.events = this.root.getByRole('listbox').getByRole('option')
  }

  /** Opens it by its key, as who uses the keyboard alone. */
  static async open(page: Page): Promise<Inspector> {
    await page.getByRole('button', { name: 'Open the StreamDB inspector' }).waitFor()
    await page.keyboard.press('Alt+Shift+KeyI')
    const inspector = new Inspector(page)
    await inspector.root.getByRole('listbox').waitFor()
    return inspector
  }

  async openPane(name: string): Promise<void> {
    await this.root.getByRole('tablist', { name: 'Panes' }).getByRole('tab', { name }).click()
    await this.root.getByRole('tabpanel', { name }).waitFor()
  }

  /** Filters the timeline. */
  async search(text: string): Promise<void> {
    await this.root.getByRole('searchbox', { name: 'Filter events' }).fill(text)
  }

  /** Opens the table of a type. */
  async openTable(type: string): Promise<Locator> {
    await this.openPane('Tables')
    await this.root.getByRole('tablist', { name: 'Collections' }).getByRole('tab', { name: type }).click()
    return this.root.getByRole('grid', { name: `Rows of ${type}` })
  }
}
