import type { ReactNode } from 'react'

interface NoticeProps {
  readonly title: string
  readonly text?: string | undefined
  /** Shows progress: how far, from 0 to 1, or `true` where that is unknown. */
  readonly busy?: number | true | undefined
  readonly children?: ReactNode
}

/** A message in the middle of the area whose content it stands for. */
export function Notice({ title, children, ...rest }: NoticeProps) {
  return (
    <NoticeBox {...rest} label={title} actions={children}>
      <p className="notice-title">{title}</p>
    </NoticeBox>
  )
}

/** A message in place of the whole page. */
export function PageNotice({ title, children, ...rest }: NoticeProps) {
  return (
    <main className="page-notice">
      <NoticeBox {...rest} label={title} actions={children}>
        <h1 className="notice-title">{title}</h1>
      </NoticeBox>
    </main>
  )
}

interface NoticeBoxProps extends Omit<NoticeProps, 'title' | 'children'> {
  readonly label: string
  readonly children: ReactNode
  readonly actions?: ReactNode
}

function NoticeBox({ label, text, busy, children, actions }: NoticeBoxProps) {
  return (
    <div className="notice" role={busy === undefined ? 'group' : 'status'} aria-busy={busy !== undefined}>
      {children}
      {text !== undefined && <p className="notice-text">{text}</p>}
      {busy !== undefined && <progress aria-label={label} {...(busy === true ? {} : { value: busy })} />}
      {actions}
    </div>
  )
}
