import { observeElementOffset, useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useLayoutEffect, useRef } from 'react'
import type { RefObject } from 'react'

/** Browsers draw no element higher than about 16 million pixels (Firefox), or 33 (Chromium). */
const maxHeight = 8_000_000

/** A line that is drawn. */
export interface VirtualRow {
  readonly index: number
  /** Where it is drawn, in pixels from the top of the scrolled content. */
  readonly top: number
}

/** The lines of a long list that are in sight, and how to scroll it. */
export interface VirtualRows {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly rows: readonly VirtualRow[]
  readonly height: number
  /** Scrolls as little as it takes to bring a line into sight. */
  readonly reveal: (index: number) => void
  readonly scrollToEnd: () => void
  /** How many lines fit. */
  readonly pageSize: number
}

/**
 * Virtualises lines of one height. A list that is higher than a browser can draw is scrolled in larger steps: a pixel of the
 * scroll bar is then several of the list, and the lines in sight are as high as ever.
 */
export function useVirtualRows(count: number, rowHeight: number): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null)
  const total = count * rowHeight
  const height = Math.min(total, maxHeight)
  const scale = useRef(1)
  const tellOffset = useRef<(offset: number, isScrolling: boolean) => void>(undefined)
  const seen = scroller.current?.clientHeight ?? 600
  scale.current = total > maxHeight ? (total - seen) / (maxHeight - seen) : 1

  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    observeElementOffset: (instance, callback) => {
      tellOffset.current = callback
      return observeElementOffset(instance, (offset, isScrolling) =>
        callback(offset * scale.current, isScrolling),
      )
    },
    // Scrolled by this hook alone: what the library would clamp is the height that is drawn.
    scrollToFn: () => undefined,
  })
  // A list that grows beyond what can be drawn is elsewhere at the same place of its scroll bar, of which no event tells.
  useLayoutEffect(() => {
    const element = scroller.current
    if (element !== null && total > maxHeight) tellOffset.current?.(element.scrollTop * scale.current, false)
  }, [total])
  const offset = virtualizer.scrollOffset ?? 0
  const drawnOffset = offset / scale.current

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current
      if (element === null) return
      const top = index * rowHeight
      const at = element.scrollTop * scale.current
      const { clientHeight } = element
      if (top < at) element.scrollTop = top / scale.current
      else if (top + rowHeight > at + clientHeight)
        element.scrollTop = (top + rowHeight - clientHeight) / scale.current
    },
    [rowHeight],
  )
  const scrollToEnd = useCallback(() => {
    const element = scroller.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }, [])

  return {
    ...{ scroller, height, reveal, scrollToEnd },
    rows: virtualizer.getVirtualItems().map(({ index }) => ({
      index,
      top: drawnOffset + index * rowHeight - offset,
    })),
    pageSize: Math.max(1, Math.floor(seen / rowHeight) - 1),
  }
}
