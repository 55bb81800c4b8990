export { Avatar } from './avatar.tsx'
export { ConnectionIndicator, connectionLabel } from './connection-label.tsx'
export type { ConnectionLabel } from './connection-label.tsx'
export { ErrorBoundary } from './error-boundary.tsx'
export { duration, fullDate, number, quantity, relativeTime } from './format.ts'
export {
  AgentsIcon,
  ArchiveIcon,
  BinIcon,
  BranchIcon,
  ChatIcon,
  CheckIcon,
  ClockIcon,
  CloseIcon,
  DownIcon,
  EditIcon,
  LeftIcon,
  ListIcon,
  NotesIcon,
  PaperclipIcon,
  PictureIcon,
  PlusIcon,
  RepeatIcon,
  RightIcon,
  SearchIcon,
  SendIcon,
  SmileIcon,
  StopIcon,
  ToolIcon,
  WarningIcon,
  WindowIcon,
} from './icons.tsx'
export { HomeLink } from './home-link.tsx'
export { Notice, PageNotice } from './notice.tsx'
export { Identity } from './identity.ts'
export { once } from './once.ts'
export { openBeside } from './open-beside.ts'
export { Opening } from './opening.tsx'
export { renderPage } from './render-page.tsx'
export { Store } from './store.ts'
export { UnknownPerson } from './unknown-person.tsx'
export { decodeHash, useHash } from './use-hash.ts'
export { useNow } from './use-now.ts'
export { useRowKeys } from './use-row-keys.ts'
export { WindowLink, WindowOf } from './window-of.tsx'
