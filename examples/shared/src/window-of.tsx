import { Avatar } from './avatar.tsx'
import { WindowIcon } from './icons.tsx'
import { openBeside } from './open-beside.ts'

/** A link that opens a second window, as somebody else. */
export function WindowLink({ href, name }: { readonly href: string; readonly name: string }) {
  return (
    <a className="way main-way" href={href} target="_blank" rel="opener" onClick={openBeside}>
      <WindowIcon />
      <span>
        <span className="way-words">Open a window as </span>
        {name}
      </span>
    </a>
  )
}

/** Says whose window this is. */
export function WindowOf({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <p className="me">
      <span className="visually-hidden">You are </span>
      <Avatar id={id} name={name} />
      <span className="me-name">{name}</span>
    </p>
  )
}
