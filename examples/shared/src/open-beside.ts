import type { MouseEvent } from 'react'

/** Opens a link in a separate window; where popups are blocked, the link opens a tab. */
export function openBeside(event: MouseEvent<HTMLAnchorElement>): void {
  const opened = open(event.currentTarget.href, '_blank', 'popup,width=720,height=800')
  if (opened !== null) event.preventDefault()
}
