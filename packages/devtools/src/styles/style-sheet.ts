import { base } from './base.ts'
import { frame } from './frame.ts'
import { lists } from './lists.ts'
import { panels } from './panels.ts'

/** Returns all styles of the inspector. Constructed: a page whose policy allows no inline styles has them too. */
export function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync([base, frame, lists, panels].join('\n'))
  return sheet
}
