import { eventually } from '@streamdb/testkit'
import type { Page } from 'playwright-core'

/** How many stops it may be to what is looked for. */
const longest = 60

/** Uses a page by its keyboard alone. Fails where the focus is lost, or stands where it cannot be seen. */
export class Keyboard {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text)
  }

  /** Presses a key; with `name`, the focus is there afterwards. */
  async press(key: string, name?: string | RegExp): Promise<void> {
    await this.#page.keyboard.press(key)
    if (name === undefined) return
    await eventually(
      async () => {
        const is = await this.focused()
        if (!toPattern(name).test(is))
          throw new Error(`After ${key} the focus is on "${is}", not on "${name}"`)
      },
      { timeout: 60_000 },
    )
  }

  /** Goes on to what has this name. */
  async to(name: string): Promise<void> {
    await this.#go('Tab', name)
  }

  /** Goes back to what has this name. */
  async backTo(name: string): Promise<void> {
    await this.#go('Shift+Tab', name)
  }

  /** The name of what has the focus; none where the focus is nowhere. */
  async focused(): Promise<string> {
    return this.#page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return ''
      const text = element.getAttribute('aria-label') ?? element.textContent
      return text.replaceAll(/\s+/g, ' ').trim()
    })
  }

  async #go(key: string, name: string): Promise<void> {
    const passed: string[] = []
    while (passed.length < longest) {
      await this.#page.keyboard.press(key)
      const { is, problem } = await this.#look()
      if (problem !== '') throw new Error(`"${is}" ${problem}`)
      if (is === name) return
      passed.push(is)
    }
    throw new Error(`There is no way to "${name}": ${passed.join(' | ')}`)
  }

  /** What has the focus, and what is wrong with how it is shown. */
  async #look(): Promise<{ readonly is: string; readonly problem: string }> {
    const is = await this.focused()
    const problem = await this.#page.evaluate(() => {
      const element = document.activeElement
      // Behind the last one is the browser's own.
      if (element === null || element === document.body) return ''
      const { width, height, bottom, top } = element.getBoundingClientRect()
      if (width === 0 || height === 0 || bottom <= 0 || top >= innerHeight) return 'is not in sight'
      const shown = element.closest('.composer') ?? element
      const { outlineStyle, outlineWidth, borderColor } = getComputedStyle(element)
      const hasOutline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
      const hasBorder = shown !== element && getComputedStyle(shown).borderColor !== borderColor
      return hasOutline || hasBorder ? '' : 'has no outline'
    })
    return { is, problem }
  }
}

function toPattern(name: string | RegExp): RegExp {
  return name instanceof RegExp ? name : new RegExp(`^${name.replaceAll(/[^\w\s]/g, '\\$&')}$`)
}
