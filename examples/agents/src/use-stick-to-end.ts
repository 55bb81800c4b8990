import { useCallback, useLayoutEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { StickToEnd } from './stick-to-end.ts'

/** Keeps a scroller at its end; returns whether the reader is there, and what leads there. */
export function useStickToEnd(scroller: RefObject<HTMLElement | null>) {
  const [isAtEnd, setIsAtEnd] = useState(true)
  const sticking = useRef<StickToEnd>(undefined)

  useLayoutEffect(() => {
    if (scroller.current === null) return
    const current = new StickToEnd(scroller.current, setIsAtEnd)
    sticking.current = current
    return () => current.stop()
  }, [scroller])

  const toEnd = useCallback(() => sticking.current?.toEnd(), [])
  return { isAtEnd, toEnd }
}
