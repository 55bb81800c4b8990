import type { ReactNode } from 'react'

interface NoticeProps {
  readonly title: string
  readonly text?: string | undefined
  /** Shows that something is under way: how far from 0 to 1, or `true` where nobody can say. */
  readonly busy?: number | true | undefined
  readonly children?: ReactNode
}

/** Says one thing in the middle of the place where something else would be. */
export function Notice({ title, text, busy, children }: NoticeProps) {
  return (
    <div className="notice" role={busy === undefined ? 'group' : 'status'} aria-busy={busy !== undefined}>
      <p className="notice-title">{title}</p>
      {text !== undefined && <p className="notice-text">{text}</p>}
      {busy !== undefined && <progress aria-label={title} {...(busy === true ? {} : { value: busy })} />}
      {children}
    </div>
  )
}
