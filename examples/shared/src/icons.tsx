import type { ReactNode } from 'react'

/** The pages' icons, 16 by 16; hidden from screen readers, since each has a label beside it. */
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
export const AgentsIcon = () => (
  <Icon>
    <path d="M7 1.5 8.4 5.6 12.5 7 8.4 8.4 7 12.5 5.6 8.4 1.5 7l4.1-1.4zM12.5 11v3M11 12.5h3" />
  </Icon>
)
export const BranchIcon = () => (
  <Icon>
    <circle cx="4" cy="3" r="1.75" />
    <circle cx="4" cy="13" r="1.75" />
    <circle cx="12" cy="5" r="1.75" />
    <path d="M4 4.75v6.5M12 6.75c0 3-8 1.5-8 4.5" />
  </Icon>
)
export const RepeatIcon = () => (
  <Icon>
    <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3" />
  </Icon>
)
export const StopIcon = () => (
  <Icon>
    <rect x="4" y="4" width="8" height="8" rx="1" />
  </Icon>
)
export const ToolIcon = () => (
  <Icon>
    <path d="M13.5 4.5a3.5 3.5 0 0 1-4.7 4L4.5 13a1.4 1.4 0 0 1-2-2l4.3-4.3a3.5 3.5 0 0 1 4.5-4.4L9 4.5 11.5 7z" />
  </Icon>
)
export const CheckIcon = () => (
  <Icon>
    <path d="m3 8.5 3.5 3.5L13 4.5" />
  </Icon>
)
export const LeftIcon = () => (
  <Icon>
    <path d="M10 3.5 5.5 8l4.5 4.5" />
  </Icon>
)
export const RightIcon = () => (
  <Icon>
    <path d="M6 3.5 10.5 8 6 12.5" />
  </Icon>
)
export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
)
export const PaperclipIcon = () => (
  <Icon>
    <path d="m13 7-5.2 5.2a3 3 0 0 1-4.3-4.3l5.6-5.5a2 2 0 0 1 2.9 2.8L6.6 10.6a1 1 0 0 1-1.4-1.4L10 4.5" />
  </Icon>
)
export const NotesIcon = () => (
  <Icon>
    <path d="M4 2.5h8A1.5 1.5 0 0 1 13.5 4v8a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 12V4A1.5 1.5 0 0 1 4 2.5zM5.5 5.75h5M5.5 8.25h5M5.5 10.75h3" />
  </Icon>
)
export const ListIcon = () => (
  <Icon>
    <path d="M5.5 4H14M5.5 8H14M5.5 12H14M2.25 4h.5M2.25 8h.5M2.25 12h.5" />
  </Icon>
)
export const ArchiveIcon = () => (
  <Icon>
    <path d="M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3" />
  </Icon>
)
export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.25 10.25 3.5 3.5" />
  </Icon>
)
