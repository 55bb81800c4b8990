export type { Checkpoint } from '@streamdb/log'
export type {
  TabBrowser,
  TabChannel,
  TabClock,
  TabLockOptions,
  TabLocks,
  TabPage,
  TabPageListener,
} from './tabs/browser.ts'
