import { useLayoutEffect, useRef } from 'react'
import type { CSSProperties, RefObject } from 'react'
import type { Caret } from './carets.ts'
import type { Writing } from './use-carets.ts'

/** Says who writes in the notes, and in which line. */
export function Editors({ text, carets }: Writing) {
  return (
    <ul role="list" className="editors" aria-label="Who writes in the notes">
      {carets.map(({ client, name, at }) => (
        <li key={client}>
          {name} in line {text.slice(0, at).split('\n').length}
        </li>
      ))}
    </ul>
  )
}

/** Draws the carets of the others over a box with the same text: each stands behind the same letters as in there. */
export function Carets({ text, carets, box }: Writing & { readonly box: RefObject<HTMLElement | null> }) {
  const layer = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const scroller = box.current
    if (scroller === null) return
    const follow = (): void => {
      if (layer.current !== null) layer.current.scrollTop = scroller.scrollTop
    }
    follow()
    scroller.addEventListener('scroll', follow, { passive: true })
    return () => scroller.removeEventListener('scroll', follow)
  })

  const places = carets.map(({ at }) => at)
  return (
    <div className="notes-text carets" aria-hidden="true" ref={layer}>
      {carets.map((caret, index) => (
        <span key={caret.client}>
          {text.slice(places[index - 1] ?? 0, caret.at)}
          <CaretMark caret={caret} />
        </span>
      ))}
      {/* As high as the box with it: a last line that is empty would have no height. */}
      {text.slice(places.at(-1) ?? 0)}
      {'\u200b'}
    </div>
  )
}

function CaretMark({ caret: { name, color } }: { readonly caret: Caret }) {
  // React's types do not know custom properties.
  const style = { '--color': color } as CSSProperties
  return (
    <span className="caret" style={style}>
      <span className="caret-name">{name}</span>
    </span>
  )
}
