import type { TabsStatus } from '@streamdb/log'
import type { TabClock } from './browser.ts'
import type { CurrentValue } from '../current-value.ts'
import type { UnsavedChanges } from './unsaved-changes.ts'

/** How long the leader is given, in milliseconds: a frozen one is replaced in less, where a tab is visible. */
const LIMIT = 20_000
/** How often it is asked: messages are lost. */
const AGAIN = 1_000

/** What waiting for another tab works with. */
export interface SavedElsewhereOptions {
  readonly unsaved: Pick<UnsavedChanges, 'last' | 'holds' | 'onDropped'>
  readonly part: Pick<CurrentValue<TabsStatus>, 'get' | 'subscribe'>
  readonly clock: Pick<TabClock, 'now' | 'after'>
  /** Asks the leader to save, and to tell how far it has. */
  readonly ask: () => void
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/**
 * Resolves when the leader has saved what this tab shows now, or this tab is to save it, or the database closes; in any
 * case after 20 seconds.
 */
export async function whenSavedElsewhere(options: SavedElsewhereOptions): Promise<void> {
  const { unsaved, part, clock, ask, signal } = options
  const { last } = unsaved
  let began = clock.now()
  while (last !== undefined && unsaved.holds(last) && isElsewhere(part) && !signal.aborted) {
    // Before it began: the clock was set back.
    began = Math.min(began, clock.now())
    if (clock.now() - began > LIMIT) return
    ask()
    await nextChange(options)
  }
}

/** Whether this tab does not save, or does not know it yet. */
export function isElsewhere(part: Pick<CurrentValue<TabsStatus>, 'get'>): boolean {
  const { role } = part.get()
  return role === 'follower' || role === 'undecided'
}

function nextChange({ unsaved, part, clock, signal }: SavedElsewhereOptions): Promise<void> {
  return new Promise((resolve) => {
    const onChange = (): void => {
      signal.removeEventListener('abort', onChange)
      for (const end of ends) end()
      resolve()
    }
    const ends = [unsaved.onDropped(onChange), part.subscribe(onChange), clock.after(AGAIN, onChange)]
    signal.addEventListener('abort', onChange)
  })
}
