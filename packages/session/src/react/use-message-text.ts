'use client'

import { useMemo, useSyncExternalStore } from 'react'
import type { Named } from '../session.ts'
import { useSessionOf } from './session-context.ts'
import type { SessionSource } from './session-context.ts'
import { smoothText } from './smooth-text.ts'
import type { SmoothOptions } from './smooth-text.ts'

/** Options of `useMessageText`. */
export interface MessageTextOptions extends SessionSource, SmoothOptions {
  /** Reveals text that arrives in lumps evenly. Default: it is shown as it arrives. */
  readonly smooth?: boolean | undefined
}

/**
 * Returns the text of a part, as far as it has arrived; renders with each piece of that part, and for no other. Empty for a
 * part that is not there (yet).
 *
 * With `smooth` it is revealed evenly, some frames behind and never more than `maxLag` milliseconds; the whole at once when
 * the part has ended, on a reload, in a hidden page, and for who prefers reduced motion.
 *
 * Throws `invalid-options` where there is no session.
 *
 * @example
 * ```tsx
 * const text = useMessageText(part, { smooth: true })
 * ```
 */
export function useMessageText(
  part: Named<{ readonly id: string }>,
  { session: own, smooth = false, maxLag }: MessageTextOptions = {},
): string {
  const session = useSessionOf('useMessageText', own)
  const id = typeof part === 'string' ? part : part.id
  const { get, subscribe } = useMemo(() => {
    const text = session.text(id)
    const isStreaming = (): boolean => session.collections.parts.get(id)?.state === 'streaming'
    return smooth ? smoothText({ text, isStreaming }, { maxLag }) : text
  }, [session, id, smooth, maxLag])
  return useSyncExternalStore(subscribe, get, get)
}
