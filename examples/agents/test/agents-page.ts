import { eventually } from '@streamdb/testkit'
import type { Locator, Page } from 'playwright-core'

/**
 * The provider of documents warns of every page that is not served by HTTPS. A stream of presence is made by whoever comes
 * first, and is not there before; where two come at once, one of them is refused. So it is with a document.
 */
export const expectedErrors = /Using HTTP|(?:404|409) .*\/presence$|409 .*\/documents\/notes$/

/** A window of the example: its actions and what it shows. */
export class AgentsPage {
  readonly page: Page
  /** The place to write. */
  readonly composer: Locator

  constructor(page: Page) {
    this.page = page
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true })
  }

  /** Resolves when the session's messages are there, and both agents run. */
  async ready(): Promise<this> {
    await this.message(/./).first().waitFor()
    for (const name of ['Scout', 'Quill']) await this.agent(name).getByText('Running').waitFor()
    return this
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** The message that has this text. */
  message(text: string | RegExp): Locator {
    return this.page.getByRole('list', { name: 'Messages' }).getByRole('article').filter({ hasText: text })
  }

  /** What somebody has said with this text; another one may quote it. */
  said(name: string, text: string): Locator {
    return this.page.getByRole('article', { name: `${name} said` }).filter({ hasText: text })
  }

  /** The last message. */
  get last(): Locator {
    return this.message(/./).last()
  }

  /** An agent and its process. */
  agent(name: string): Locator {
    return this.page.getByRole('article', { name, exact: true })
  }

  /** Who works, and who writes. */
  get status(): Locator {
    return this.page.locator('.status-line')
  }

  /** A button in a message, whose actions are shown to the pointer on it. */
  async act(message: Locator, button: string): Promise<void> {
    // What streams may move it away from the pointer between the two.
    await eventually(
      async () => {
        await message.hover()
        await message.getByRole('button', { name: button, exact: true }).click({ timeout: 10_000 })
      },
      { timeout: 60_000 },
    )
  }

  /** Resolves when no agent works, and all that was said is shown. */
  async quiet(): Promise<void> {
    await this.status.getByRole('button').first().waitFor({ state: 'detached' })
    await this.page.locator('.streaming').first().waitFor({ state: 'detached' })
  }
}
