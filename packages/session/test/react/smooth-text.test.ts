import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { smoothText } from '../../src/react/index.ts'
import type { SmoothOptions } from '../../src/react/index.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A text that streams, and what a component shows of it. */
function streaming(options?: SmoothOptions, before = '') {
  let text = before
  let isStreaming = true
  const listeners = new Set<() => void>()
  const source = {
    get: () => text,
    subscribe: (run: () => void) => {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
  }
  const smooth = smoothText({ text: source, isStreaming: () => isStreaming }, options)
  const shown: string[] = [smooth.get()]
  const stop = smooth.subscribe(() => shown.push(smooth.get()))
  const tell = (): void => listeners.forEach((run) => run())
  return {
    smooth,
    shown,
    stop,
    listeners,
    add(more: string) {
      text += more
      tell()
    },
    replace(by: string) {
      text = by
      tell()
    },
    settle(whole = text) {
      text = whole
      isStreaming = false
      tell()
    },
  }
}

const lump = 'x'.repeat(60)

test('[A22] lumps are revealed evenly: between two of them in steps, and all of it soon after the last', () => {
  const { add, shown, smooth } = streaming()
  for (let index = 0; index < 10; index++) {
    add(lump)
    vi.advanceTimersByTime(200)
  }
  const steps = shown.slice(1).map((text, index) => text.length - (shown[index]?.length ?? 0))
  expect(steps.length).toBeGreaterThan(80)
  expect(Math.max(...steps)).toBeLessThan(20)
  vi.advanceTimersByTime(1_000)
  expect(smooth.get()).toBe(lump.repeat(10))
  expect(vi.getTimerCount()).toBe(0)
})

test('[A22] what is there at first, what has ended, and what took the place of a text is shown at once', () => {
  const reloaded = streaming({}, 'What was said before')
  expect(reloaded.smooth.get()).toBe('What was said before')
  reloaded.add(lump)
  expect(reloaded.smooth.get()).toBe('What was said before')
  reloaded.settle(`${reloaded.smooth.get()}${lump} The end.`)
  expect(reloaded.smooth.get()).toBe(`What was said before${lump} The end.`)
  const replaced = streaming({}, 'One answer')
  replaced.replace('Another')
  expect(replaced.smooth.get()).toBe('Another')
  expect(vi.getTimerCount()).toBe(0)
})

test('[A22] nothing moves in a hidden page, nor for who prefers reduced motion', () => {
  vi.stubGlobal('document', { visibilityState: 'hidden' })
  const hidden = streaming()
  hidden.add(lump)
  expect(hidden.smooth.get()).toBe(lump)
  vi.stubGlobal('document', { visibilityState: 'visible' })
  const asked: string[] = []
  vi.stubGlobal('matchMedia', (query: string) => ({ matches: asked.push(query) > 0 }))
  const still = streaming()
  still.add(lump)
  expect(still.smooth.get()).toBe(lump)
  expect(asked).toEqual(['(prefers-reduced-motion: reduce)'])
})

test('[A22] no character is cut', () => {
  const family = '👩‍👩‍👧‍👦'
  const texts = [family, '👍🏽', 'é', '𝒳', '🇩🇪']
  const { add, shown } = streaming()
  for (let index = 0; index < 5; index++) {
    add(texts.join(''))
    vi.advanceTimersByTime(300)
  }
  const whole = texts.join('').repeat(5)
  const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(whole)
  const ends = new Set([...Array.from(characters, ({ index }) => index), whole.length])
  expect(shown.filter((text) => !ends.has(text.length))).toEqual([])
})

test('[A22] what is shown is a beginning of what has arrived, never shrinks, and lags no more than told', () => {
  const script = fc.array(
    fc.record({ pause: fc.integer({ min: 1, max: 900 }), size: fc.integer({ min: 1, max: 400 }) }),
    {
      maxLength: 25,
    },
  )
  fc.assert(
    fc.property(script, fc.integer({ min: 100, max: 900 }), (lumps, maxLag) => {
      const { add, settle, smooth, shown, stop, listeners } = streaming({ maxLag })
      const arrived: { at: number; length: number }[] = []
      let length = 0
      for (const { pause, size } of lumps) {
        add('y'.repeat(size))
        arrived.push({ at: performance.now(), length: (length += size) })
        for (let passed = 0; passed < pause; passed += 50) {
          vi.advanceTimersByTime(Math.min(50, pause - passed))
          // A frame of 16 ms may be due.
          const due = arrived.filter(({ at }) => performance.now() - at >= maxLag + 32).at(-1)
          expect(smooth.get().length).toBeGreaterThanOrEqual(due?.length ?? 0)
        }
      }
      expect(shown.every((text, index) => text.length >= (shown[index - 1]?.length ?? 0))).toBe(true)
      settle()
      expect(smooth.get()).toHaveLength(length)
      stop()
      expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0])
    }),
    { numRuns: 60 },
  )
})
