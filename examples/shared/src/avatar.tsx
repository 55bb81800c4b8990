import type { CSSProperties } from 'react'
import { hue, initials } from './words.ts'

/** An author's initials in the author's colour; says nothing to those who hear the name anyway. */
export function Avatar({ id, name }: { readonly id: string; readonly name: string }) {
  // A custom property is no property that React's types know.
  const style = { '--hue': hue(id) } as CSSProperties
  return (
    <span className="avatar" style={style} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
