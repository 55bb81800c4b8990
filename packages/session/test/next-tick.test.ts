import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { provideNextTick } from '../src/yjs/provide-next-tick.ts'

/** What a page has of Node. */
interface Page {
  process?: { versions?: object; nextTick?: (task: (...args: unknown[]) => void, ...args: unknown[]) => void }
}

/** Takes `process` away while `run` runs, as in a page; nothing of the test's own may need it meanwhile. */
function inPage<Result>(process: Page['process'], run: (page: Page) => Result): Result {
  vi.stubGlobal('process', process)
  onTestFinished(() => void vi.unstubAllGlobals())
  try {
    return run(globalThis)
  } finally {
    vi.unstubAllGlobals()
  }
}

describe('[A67] what the queue of the provider needs', () => {
  test('a page without `process` gets its next tick, and is still no Node', async () => {
    const told: unknown[] = []
    const { hasVersions } = inPage(undefined, (page) => {
      provideNextTick()
      page.process?.nextTick?.((...args) => told.push(...args), 'later', 1)
      return { hasVersions: 'node' in (page.process?.versions ?? {}) }
    })
    expect(told).toEqual([])
    await Promise.resolve()
    expect(told).toEqual(['later', 1])
    expect(hasVersions).toBe(false)
  })

  test('one that a bundler or Node has is left alone', () => {
    const nextTick = vi.fn()
    const after = inPage({ nextTick }, (page) => {
      provideNextTick()
      return page.process?.nextTick
    })
    expect(after).toBe(nextTick)
  })
})
