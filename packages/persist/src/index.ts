export type { Block, BlockChange, Blocks, BlockStore } from './blocks.ts'
export type { Codec } from './codec.ts'
export { createStorage } from './create-storage.ts'
export type { StorageOptions } from './create-storage.ts'
export { indexedDBStorage } from './indexeddb-storage.ts'
export type { IndexedDBStorageOptions } from './indexeddb-storage.ts'
export { createMemoryBlocks } from './memory-blocks.ts'
export { memoryStorage } from './memory-storage.ts'
export type { MemoryStorageOptions } from './memory-storage.ts'
export { createStreamStore } from './stream-store.ts'
export type { StreamStoreOptions } from './stream-store.ts'
export type {
  TabBrowser,
  TabChannel,
  TabClock,
  TabLockOptions,
  TabLocks,
  TabPage,
  TabPageListener,
} from './tabs/browser.ts'
