import type { Readable } from '@streamdb/db'
import { Listeners } from '@streamdb/log'

/** How text that arrives in lumps is revealed. */
export interface SmoothOptions {
  /** How far what is shown may lag behind what has arrived, in milliseconds. Default 800. */
  readonly maxLag?: number | undefined
}

/** A text, and whether more of it will come. */
export interface StreamingSource {
  readonly text: Readable<string>
  readonly isStreaming: () => boolean
}

/** Where a text was at a time. */
interface Arrival {
  readonly at: number
  readonly length: number
}

/** What is expected between two lumps, in milliseconds, before two have arrived. */
const firstInterval = 120
/** How much the last interval counts among those before. */
const weight = 0.4

/**
 * Reveals a text evenly: each lump by about the time that the next one is expected, and none later than `maxLag`. What is
 * there when somebody begins to listen is shown at once, and so is all of it when the text has ended, when the page is
 * hidden, and for who prefers reduced motion.
 */
export function smoothText(
  { text, isStreaming }: StreamingSource,
  { maxLag = 800 }: SmoothOptions = {},
): Readable<string> {
  const listeners = new Listeners()
  let stop: (() => void) | undefined
  let cancelFrame: (() => void) | undefined
  let shown = ''
  let arrivals: Arrival[] = []
  let interval = firstInterval
  let lastArrival: number | undefined
  let lastFrame = 0

  function show(next: string): void {
    if (next === shown) return
    shown = next
    listeners.notify()
  }

  function showAll(): void {
    cancelFrame?.()
    cancelFrame = undefined
    arrivals = []
    show(text.get())
  }

  function onText(): void {
    const whole = text.get()
    const now = performance.now()
    if (lastArrival !== undefined) interval += weight * (Math.min(now - lastArrival, maxLag) - interval)
    lastArrival = now
    // Text that was replaced is not typed anew.
    if (!isStreaming() || isStill() || !whole.startsWith(shown)) return showAll()
    arrivals.push({ at: now, length: whole.length })
    if (cancelFrame !== undefined) return
    lastFrame = now
    cancelFrame = onNextFrame(reveal)
  }

  function reveal(): void {
    const whole = text.get()
    const now = performance.now()
    const elapsed = now - lastFrame
    lastFrame = now
    const speed =
      (whole.length - shown.length) / Math.max(interval - (now - (lastArrival ?? now)), elapsed, 1)
    const due = arrivals.filter(({ at }) => now - at >= maxLag).at(-1)?.length ?? 0
    const end = Math.max(shown.length + Math.ceil(speed * elapsed), due)
    arrivals = arrivals.filter(({ length }) => length > end)
    cancelFrame = end < whole.length ? onNextFrame(reveal) : undefined
    show(whole.slice(0, wholeCharacters(whole, shown.length, end)))
  }

  return {
    // Until somebody listens there is nothing to be even about.
    get: () => (stop === undefined ? text.get() : shown),
    subscribe(run) {
      if (stop === undefined) {
        shown = text.get()
        stop = text.subscribe(onText)
      }
      const unsubscribe = listeners.subscribe(run)
      return () => {
        unsubscribe()
        if (listeners.size > 0) return
        stop?.()
        stop = undefined
        cancelFrame?.()
        cancelFrame = undefined
        arrivals = []
        lastArrival = undefined
      }
    },
  }
}

/** Whether nothing is to move: the reader wants that, or does not look. */
function isStill(): boolean {
  const { document, matchMedia } = globalThis as Partial<Pick<typeof globalThis, 'document' | 'matchMedia'>>
  return (
    document?.visibilityState === 'hidden' ||
    matchMedia?.('(prefers-reduced-motion: reduce)').matches === true
  )
}

/** Runs it with the next frame, or soon where there are none: a page that is hidden draws nothing. */
function onNextFrame(run: () => void): () => void {
  const { requestAnimationFrame, cancelAnimationFrame } = globalThis as Partial<typeof globalThis>
  const timer = setTimeout(done, requestAnimationFrame === undefined ? 16 : 100)
  function done(): void {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame?.(frame)
    run()
  }
  const frame = requestAnimationFrame?.(done)
  return () => {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame?.(frame)
  }
}

/** How much of a text is looked at behind a place: few characters are longer. */
const longest = 40

let segmenter: Intl.Segmenter | undefined

/** Returns the first place from `end` on at which no character is cut, as a reader counts them. `start` is such a place. */
export function wholeCharacters(text: string, start: number, end: number): number {
  if (end >= text.length) return text.length
  const { Segmenter } = Intl as Partial<typeof Intl>
  // Absent in older browsers: there only pairs are kept together.
  if (Segmenter === undefined) return isSecondOfPair(text, end) ? end + 1 : end
  segmenter ??= new Segmenter(undefined, { granularity: 'grapheme' })
  const around = segmenter.segment(text.slice(start, end + longest)).containing(end - start)
  if (around === undefined || around.index === end - start) return end
  return start + around.index + around.segment.length
}

function isSecondOfPair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff
}
