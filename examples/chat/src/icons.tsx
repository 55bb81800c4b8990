import type { ReactNode } from 'react'

/** The page's icons, 16 by 16; hidden from screen readers, since each has a label beside it. */
function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      {children}
    </svg>
  )
}

export const ChatIcon = () => (
  <Icon>
    <path d="M3.5 2.5h9a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5H8L4.5 14v-2.5h-1A1.5 1.5 0 0 1 2 10V4a1.5 1.5 0 0 1 1.5-1.5z" />
  </Icon>
)
export const HistoryIcon = () => (
  <Icon>
    <path d="M8 5v3.25l2 1.25M2.5 8A5.5 5.5 0 1 0 4.2 4M2.5 2.5V5H5" />
  </Icon>
)
export const WindowIcon = () => (
  <Icon>
    <path d="M6 3H3.5A1.5 1.5 0 0 0 2 4.5v8A1.5 1.5 0 0 0 3.5 14h8a1.5 1.5 0 0 0 1.5-1.5V10M9 2h5v5M14 2 7.5 8.5" />
  </Icon>
)
export const PictureIcon = () => (
  <Icon>
    <rect x="2" y="2.5" width="12" height="11" rx="1.5" />
    <circle cx="5.5" cy="6" r="1" />
    <path d="m2.5 12 3.5-3.5 2.5 2.5L11 8.5l3 3" />
  </Icon>
)
export const SendIcon = () => (
  <Icon>
    <path d="M8 13V3M3.5 7.5 8 3l4.5 4.5" />
  </Icon>
)
export const SmileIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="6" />
    <path d="M5.5 9.5a3 3 0 0 0 5 0M6 6.25v.5M10 6.25v.5" />
  </Icon>
)
export const EditIcon = () => (
  <Icon>
    <path d="m3 13 .75-3L10.5 3.25a1.6 1.6 0 0 1 2.25 2.25L6 12.25zM9.5 4.5l2 2" />
  </Icon>
)
export const BinIcon = () => (
  <Icon>
    <path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4" />
  </Icon>
)
export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
)
export const ClockIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 5v3.25l2 1.25" />
  </Icon>
)
export const WarningIcon = () => (
  <Icon>
    <path d="M8 2.5 14 13H2zM8 6.5v3M8 11.25v.25" />
  </Icon>
)
export const DownIcon = () => (
  <Icon>
    <path d="M8 3v10M3.5 8.5 8 13l4.5-4.5" />
  </Icon>
)
