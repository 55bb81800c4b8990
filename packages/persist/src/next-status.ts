import type { StorageStatus, TabsStatus } from '@streamdb/log'

/** Returns the next status of a storage: `closed` is final, and nothing but that follows `cleared`. */
export function nextStorageStatus(before: StorageStatus, given: StorageStatus): StorageStatus {
  const isOver = before.name === 'closed' || (before.name === 'cleared' && given.name !== 'closed')
  return isOver ? before : given
}

/** Returns the next part of a tab; why it is alone may change. */
export function nextTabsStatus(before: TabsStatus, given: TabsStatus): TabsStatus {
  return given.role === before.role && given.role !== 'alone' ? before : given
}
