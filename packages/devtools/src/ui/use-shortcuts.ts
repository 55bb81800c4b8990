import { panes } from './inspector-context.ts'
import type { Inspector, Pane } from './inspector-context.ts'

/** What keys do, as a dialog lists them. */
export const shortcuts: readonly (readonly [keys: string, what: string])[] = [
  ['1 … 7', 'Open a pane'],
  ['/', 'Filter events'],
  ['↑ ↓ Home End', 'Move in a list or table'],
  ['Enter', 'Open an event or row, fold a transaction'],
  ['← →', 'Close and open a transaction'],
  ['Esc', 'Close details, then the inspector'],
  ['[ ]', 'One event back, forward'],
  ['{ }', 'One transaction back, forward'],
  ['L', 'Back to the newest'],
  ['G', 'Group events by transaction'],
  ['T', 'Light, dark, or as the system'],
  ['?', 'This list'],
]

/** What a key may need. */
export interface ShortcutParts {
  readonly inspector: Inspector
  readonly pane: Pane
  readonly nextTheme: () => void
  readonly toggleHelp: () => void
  readonly focusSearch: () => void
  readonly closeSide: () => void
}

/** Returns what handles the keys that are pressed in the inspector; those of a text field are left to it. */
export function useShortcuts(parts: ShortcutParts): (event: React.KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const { target } = event
    const isText =
      target instanceof HTMLTextAreaElement ||
      (target instanceof HTMLInputElement && !['range', 'checkbox'].includes(target.type))
    if (isText && event.key !== 'Escape') return
    if (isText && target instanceof HTMLInputElement && target.type === 'search' && target.value !== '') {
      parts.inspector.setSearch('')
    } else if (!act(event.key, parts)) return
    event.preventDefault()
    // The application has keys of its own.
    event.stopPropagation()
  }
}

/** Does what a key stands for; says whether it stands for anything. */
function act(
  key: string,
  { inspector, nextTheme, toggleHelp, focusSearch, closeSide }: ShortcutParts,
): boolean {
  const { source, position, setPosition, openPane } = inspector
  const { store, timeline } = source.model
  const pane = panes[Number(key) - 1]
  if (pane !== undefined) {
    openPane(pane)
    return true
  }
  const at = position ?? store.end
  const move = (to: number): void => setPosition(to >= store.end ? undefined : Math.max(store.first, to))
  switch (key) {
    case '/':
      focusSearch()
      return true
    case '?':
      toggleHelp()
      return true
    case 'Escape':
      closeSide()
      return true
    case '[':
      move(at - 1)
      return true
    case ']':
      move(at + 1)
      return true
    case '{':
      move(store.groupOf(at - 1))
      return true
    case '}':
      move(nextGroup(inspector, at))
      return true
    case 'l':
    case 'L':
      setPosition(undefined)
      return true
    case 'g':
    case 'G':
      timeline.setGrouped(!timeline.isGrouped)
      return true
    case 't':
    case 'T':
      nextTheme()
      return true
    default:
      return false
  }
}

/** Returns where the transaction ends that begins at an event, or holds it. */
function nextGroup({ source: { model } }: Inspector, at: number): number {
  const { store } = model
  const group = store.groupOf(at)
  let end = at + 1
  while (end < store.end && store.groupOf(end) === group) end++
  return end
}
