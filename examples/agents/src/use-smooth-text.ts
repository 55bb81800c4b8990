import { useEffect, useState } from 'react'

/** What has arrived is shown within this many frames, so that the text flows and is never far behind. */
const frames = 14

/**
 * Returns a text that grows as it is streamed, evenly: tokens come in batches, and are shown a few letters a frame. What was
 * there at first is shown at once, and so is everything where the reader wants no motion.
 */
export function useSmoothText(text: string): string {
  const [length, setLength] = useState(text.length)
  const shown = Math.min(length, text.length)
  const isBehind = shown < text.length

  useEffect(() => {
    if (!isBehind) return
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
    const step = Math.max(1, Math.ceil((text.length - shown) / frames))
    const frame = requestAnimationFrame(() => setLength(isStill ? text.length : shown + step))
    return () => cancelAnimationFrame(frame)
  }, [isBehind, shown, text])

  return isBehind ? text.slice(0, shown) : text
}
