/** What makes one text of another: at a place, so many letters go, and these come. */
export interface TextChange {
  readonly at: number
  readonly removed: number
  readonly inserted: string
}

/**
 * Returns the change that an editor made. `caret` is where the caret is behind it: of several changes that would do, it is
 * the one that ends there, so that a letter typed between equal ones is where it was typed.
 */
export function changeBetween(before: string, after: string, caret: number): TextChange | undefined {
  if (before === after) return undefined
  const longestEnd = Math.min(before.length, after.length - Math.min(caret, after.length))
  let end = 0
  while (end < longestEnd && before.at(-1 - end) === after.at(-1 - end)) end++
  const longestStart = Math.min(before.length, after.length) - end
  let at = 0
  while (at < longestStart && before[at] === after[at]) at++
  return { at, removed: before.length - at - end, inserted: after.slice(at, after.length - end) }
}

/** A piece of a change, as Yjs tells of it. */
export interface TextDelta {
  readonly insert?: unknown
  readonly delete?: number | undefined
  readonly retain?: number | undefined
}

/** Returns where a place is after changes of somebody else. */
export function movePlace(place: number, delta: readonly TextDelta[]): number {
  let at = 0
  let moved = place
  for (const { insert, delete: removed = 0, retain = 0 } of delta) {
    if (typeof insert === 'string') {
      // What is written exactly where the caret is comes behind it.
      if (at < moved) moved += insert.length
      at += insert.length
    } else if (removed > 0) moved -= Math.max(0, Math.min(moved - at, removed))
    else at += retain
  }
  return moved
}
