import type { Virtualizer } from '@tanstack/react-virtual'
import { useState } from 'react'
import type { FocusEvent, KeyboardEvent } from 'react'

/** The row to which each key moves the focus. */
const moves: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index) => index + 10,
  PageUp: (index) => index - 10,
  Home: () => 0,
  End: (_, last) => last,
}

interface RowKeysOptions {
  /** The element of a row that takes the focus, a child of the element with `data-index`. */
  readonly selector: string
  /** The row to which Tab moves until another one has had the focus. */
  readonly start?: number | undefined
}

/**
 * Lets Tab enter the list at one row, and the arrow keys move among the rows.
 *
 * A row that is out of sight is not in the document: the list scrolls to it first, and focuses it when it appears.
 */
export function useRowKeys(
  count: number,
  virtualizer: Pick<Virtualizer<HTMLDivElement, Element>, 'scrollToIndex'>,
  { selector, start = 0 }: RowKeysOptions,
) {
  const [focused, setFocused] = useState<number>()
  const target = `[data-index] > ${selector}`

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    const move = moves[event.key]
    if (move === undefined || !isRow(event.target, target)) return
    event.preventDefault()
    const next = Math.max(0, Math.min(count - 1, move(indexOf(event.target), count - 1)))
    const list = event.currentTarget
    setFocused(next)
    virtualizer.scrollToIndex(next)
    focusWhenRendered(list, `[data-index="${next}"] > ${selector}`, 10)
  }

  function onFocus(event: FocusEvent<HTMLElement>): void {
    if (isRow(event.target, target)) setFocused(indexOf(event.target))
  }

  return { current: Math.min(focused ?? start, count - 1), onKeyDown, onFocus }
}

function focusWhenRendered(list: HTMLElement, selector: string, frames: number): void {
  const row = list.querySelector(selector)
  if (row instanceof HTMLElement) row.focus({ preventScroll: true })
  else if (frames > 0) requestAnimationFrame(() => focusWhenRendered(list, selector, frames - 1))
}

function isRow(target: EventTarget, selector: string): target is HTMLElement {
  return target instanceof HTMLElement && target.matches(selector)
}

function indexOf(row: HTMLElement): number {
  return Number(row.closest('[data-index]')?.getAttribute('data-index'))
}
