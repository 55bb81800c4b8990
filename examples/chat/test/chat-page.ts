import type { Locator, Page } from 'playwright-core'

/** A window of the chat: its actions and what it shows. */
export class ChatPage {
  readonly page: Page
  /** The place to write. */
  readonly composer: Locator

  constructor(page: Page) {
    this.page = page
    this.composer = page.getByRole('textbox', { name: /^Message to/ })
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** The message that has this text. */
  message(text: string | RegExp): Locator {
    return this.page.getByRole('article').filter({ hasText: text })
  }

  /** A button in a message, whose actions are shown to the pointer on it. */
  async act(text: string, button: string): Promise<void> {
    await this.message(text).hover()
    await this.message(text).getByRole('button', { name: button, exact: true }).click()
  }

  async react(text: string, name: string): Promise<void> {
    await this.act(text, 'React')
    await this.act(text, `React with ${name}`)
  }

  /** Turns the connection off, or on. */
  async toggleConnection(): Promise<void> {
    await this.page.getByRole('switch', { name: 'Connection' }).click()
  }

  async attach(name: string, buffer: Buffer): Promise<void> {
    const chooser = this.page.locator('input[type=file]')
    await chooser.setInputFiles({ name, mimeType: 'image/png', buffer })
    await this.page.getByRole('button', { name: `Remove ${name}` }).waitFor()
  }

  /** The texts of the messages in the document, in their order. */
  async said(): Promise<string[]> {
    return this.page.locator('article .text').allInnerTexts()
  }

  /** Resolves when the room's messages are there. */
  async ready(): Promise<this> {
    await this.page.getByRole('list', { name: 'Messages' }).getByRole('article').first().waitFor()
    return this
  }
}
