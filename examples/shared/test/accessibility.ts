import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** What axe found wrong, one line per rule and element. */
type Violations = readonly string[]

/** Expects that axe finds nothing wrong with a page as it is drawn now; `where` names it in the failure. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Colours between two states are no one's choice: what fades in or out is awaited; what runs for ever is not.
  await page.evaluate(async () => {
    const finite = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.all(finite.map(async ({ finished }) => finished.catch(() => undefined)))
  })
  // Evaluated by the debugger, so that the page's own policy against foreign scripts stays in force.
  await page.evaluate(`${axe.source};undefined`)
  const violations = await page.evaluate(async (): Promise<Violations> => {
    // The script above defines it.
    const { run } = (globalThis as unknown as { axe: typeof axe }).axe
    // Off by default, as it is newer than the rest: targets are at least 24 px high and wide, or that far apart.
    const { violations: found } = await run(document, { rules: { 'target-size': { enabled: true } } })
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    )
  })
  expect(violations, where).toEqual([])
}

/** Expects that nothing of a page lies outside of its width, and that it does not scroll sideways. */
export async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0
  const outside = await page.evaluate((limit) => {
    const scrolled = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)
    const isClipped = (element: Element): boolean => {
      for (let each = element.parentElement; each !== null; each = each.parentElement) {
        // What a box scrolls or hides on purpose does not widen the page.
        if (getComputedStyle(each).overflowX !== 'visible' && each !== document.body) return true
      }
      return false
    }
    const wide = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right, width: own } = element.getBoundingClientRect()
      return own > 1 && (right > limit + 1 || left < -1) && !isClipped(element)
    })
    return [
      ...(scrolled > limit ? [`the page is ${scrolled} px wide`] : []),
      ...wide.map((element) => `${element.tagName.toLowerCase()}.${element.className} lies outside`),
    ]
  }, width)
  expect(outside, `${where} at ${width} px`).toEqual([])
}

/** Returns the height and width of the smallest visible button or link, in pixels. */
export async function smallestTarget(page: Page): Promise<{ readonly what: string; readonly px: number }> {
  return page.evaluate(() => {
    const targets = [...document.querySelectorAll('button, a[href], input:not([hidden]), textarea')].flatMap(
      (element) => {
        const { width, height } = element.getBoundingClientRect()
        if (width === 0 || !element.checkVisibility({ opacityProperty: true })) return []
        return [
          { what: element.getAttribute('aria-label') ?? element.textContent, px: Math.min(width, height) },
        ]
      },
    )
    return targets.reduce((one, other) => (other.px < one.px ? other : one), { what: '', px: Infinity })
  })
}

/** Returns the texts in `selector` that are cut off where they are drawn. */
export async function cutTexts(page: Page, selector: string): Promise<readonly string[]> {
  return page.evaluate(
    (which) =>
      [...document.querySelectorAll(which)]
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
        .filter((element) => getComputedStyle(element).overflowX !== 'visible')
        .map((element) => element.textContent ?? ''),
    selector,
  )
}
