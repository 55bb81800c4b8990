import type { CSSProperties } from 'react'
import { hue, initials } from './format.ts'

/** An author's initials in the author's colour; hidden from screen readers, since the name stands beside it. */
export function Avatar({ id, name }: { readonly id: string; readonly name: string }) {
  // React's types do not know custom properties.
  const style = { '--hue': hue(id) } as CSSProperties
  return (
    <span className="avatar" style={style} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
