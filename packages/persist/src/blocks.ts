/** What a block store keeps under a key: text, or what a codec made of it. */
export type Block = string | Uint8Array

/** Changes of blocks, all or none of which are made. */
export interface BlockChange {
  readonly put?: readonly (readonly [key: string, block: Block])[] | undefined
  /** Keys that are absent are no error. */
  readonly remove?: readonly string[] | undefined
  /**
   * Nothing is changed where one of these keys holds another block; `undefined`: where it holds one. Of what is only
   * expected to be absent a store should say all in one task: the page may end with it.
   */
  readonly expect?: readonly (readonly [key: string, block: Block | undefined])[] | undefined
  /** It counts only with a later change: a loss of power may take it, as long as that one is not made without it. */
  readonly isPart?: boolean | undefined
  /** What is removed is not to be found on the disk any more, as far as the store can do that: a user signs out. */
  readonly isErased?: boolean | undefined
}

/**
 * The blocks of one stream: the least that a store must be able to do. Errors may be of any kind; those that say
 * `QuotaExceededError` by their name become `storage-full`, all others `storage-failed`.
 */
export interface Blocks {
  /** Yields the blocks in the order of the keys, `undefined` for one that is absent. As they were at one moment. */
  read(keys: readonly string[]): AsyncIterable<Block | undefined>
  /** Returns the keys that begin with `prefix`, in any order. */
  list(prefix: string): Promise<readonly string[]>
  /**
   * Makes a change in one transaction: after a crash all of it is there, or nothing. Resolves with `false`, and changes
   * nothing, where what it expects is not so.
   */
  write(change: BlockChange): Promise<boolean>
  /** Calls `listener` once, when the blocks can no longer be used for a reason of their own. Returns what ends that. */
  onLost?(listener: (error: Error) => void): () => void
  close(): void
}

/** Keeps blocks by stream: IndexedDB, files, memory, or a database of the application's. */
export interface BlockStore {
  /** Opens the blocks of a stream, and creates them if there are none. May be called again while they are open. */
  open(id: string): Promise<Blocks>
  /** Its name among the tabs of an origin, where they share it. */
  readonly sharedAs?: string | undefined
  /** Asks the browser not to evict what is stored; resolves with its answer. */
  readonly persist?: (() => Promise<boolean>) | undefined
}
