import { deferred, toStreamDBError } from '@streamdb/log'
import type {
  AloneReason,
  Checkpoint,
  DatabaseStorage,
  MessageSender,
  OpenStore,
  Outbox,
  StorageConnection,
  StorageContext,
  StorageStatus,
  StoredContent,
  StoredHead,
  StreamDBError,
  StreamStore,
  TabsStatus,
  WriteTransport,
} from '@streamdb/log'
import { before } from './before.ts'
import { ConnectionWrites } from './connection-writes.ts'
import { CurrentValue } from './current-value.ts'
import { nextStorageStatus, nextTabsStatus } from './next-status.ts'
import { noteClosing } from './closing-stores.ts'
import { ANSWER_TIMEOUT } from './limited-store.ts'
import { onHide } from './on-hide.ts'
import { StoreOpener } from './open-store.ts'
import type { StoreOutbox } from './outbox/outbox.ts'
import { createOutboxTransport } from './outbox-transport.ts'
import { RowRecorder } from './recorder.ts'
import { Saver } from './saver.ts'
import { claimedError, clearedError, ignoreCorrupt, noLocksError, otherVersionError } from './errors.ts'
import { StoredIdentity } from './stored-identity.ts'
import { createStoredSource } from './stored-source.ts'
import type { StoredSource } from './stored-source.ts'
import type { TabClock } from './tabs/browser.ts'
import type { SharingBrowser } from './tabs/choose-tabs.ts'
import { realClock } from './tabs/real-browser.ts'
import type { SharedStore } from './tabs/shared-store.ts'
import { isElsewhere, whenSavedElsewhere } from './tabs/saved-elsewhere.ts'
import { TabsSource } from './tabs/tabs-source.ts'
import { UnsavedChanges } from './tabs/unsaved-changes.ts'

/** Joins a database to its store: it saves there, alone or as long as its tab leads. */
export function connectStorage(
  store: StreamStore,
  id: string,
  context: StorageContext,
  tabs: SharingBrowser | AloneReason,
): StorageConnection {
  const connection = new StoreConnection(store, id, context, tabs)
  const end = onHide(() => connection.saver.leave())
  context.signal.addEventListener('abort', () => {
    end()
    noteClosing(store, id, connection.close())
  })
  return connection
}

/**
 * A database and its store.
 *
 * One file of more than 300 lines: it opens, saves, follows, leads, clears and closes one store, and each of these looks at
 * which of the others is under way.
 */
class StoreConnection implements StorageConnection, SharedStore {
  readonly source: StorageConnection['source']
  readonly recorder: RowRecorder
  readonly saver: Saver
  readonly storage: DatabaseStorage
  readonly #context: StorageContext
  readonly #status: CurrentValue<StorageStatus>
  readonly #stored: StoredSource
  readonly #tabs: TabsSource | undefined
  readonly #part: CurrentValue<TabsStatus>
  readonly #clock: TabClock
  readonly #opener: StoreOpener
  readonly #identity: StoredIdentity
  readonly #unsaved: UnsavedChanges
  readonly #writes: ConnectionWrites
  // Rejects where the store cannot be used.
  readonly #opening = deferred<OpenStore>()
  // Without an epoch another tab saves.
  #opened: { readonly store: OpenStore; readonly epoch: number | undefined } | undefined
  // All stored rows are delivered: what follows is to be saved.
  #isLoaded = false
  // The rows that another version of the application stored are not all that this one shows.
  #isIncomplete = false
  constructor(store: StreamStore, id: string, context: StorageContext, tabs: SharingBrowser | AloneReason) {
    this.#context = context
    const report = (error: unknown): void =>
      context.report(toStreamDBError(error, 'callback-failed', 'A listener of the storage threw'))
    this.#status = new CurrentValue<StorageStatus>({ name: 'idle' }, nextStorageStatus, report)
    // Whoever waits for it hears of it; the others see the status.
    this.#opening.promise.catch(() => undefined)
    this.#clock = typeof tabs === 'object' ? tabs.clock : realClock
    const part = (this.#part = new CurrentValue<TabsStatus>(
      typeof tabs === 'string' ? { role: 'alone', reason: tabs } : { role: 'undecided' },
      nextTabsStatus,
      report,
    ))
    this.#opener = new StoreOpener(store, id, this.#clock)
    this.#identity = new StoredIdentity(context, part)
    this.recorder = new RowRecorder(
      () => this.saver.schedule(),
      (reason) => {
        this.#identity.forget()
        this.#unsaved.clear()
        if (this.#opened && reason !== 'read-elsewhere') this.#status.set({ name: 'rebuilding', reason })
      },
    )
    this.#unsaved = new UnsavedChanges(this.recorder)
    this.saver = new Saver({
      changes: this.#unsaved,
      describe: (isLeaving) => this.#identity.describe(isLeaving),
      onSaved: (checkpoint) => {
        this.#status.set({ name: 'ready', savedAt: Date.now() })
        this.#tabs?.saved(checkpoint)
      },
      onStale: () => this.#onStale(),
      onFailed: (error) => this.#goOnInMemory(error),
    })
    const { signal } = context
    const name = `streamdb 1 ${store.sharedAs ?? ''} ${id}`
    if (typeof tabs === 'object') {
      const shared = { ...{ log: context.source, store: this, browser: tabs }, name, status: part, signal }
      this.#tabs = new TabsSource(shared)
    }
    const tabsSource = this.#tabs
    this.#writes = new ConnectionWrites({
      ...{ store, id, context, clock: this.#clock, opener: this.#opener },
      ring: tabsSource && (() => tabsSource.ring()),
      onFailed: (error) => this.#goOnInMemory(error),
      onStale: () => this.#onStale(),
    })
    const stored = createStoredSource({
      log: this.#tabs ?? context.source,
      types: context.types,
      open: (signal) => this.#open(signal),
      deliver: (content, run) => (this.#isCurrent(content.head) ? this.recorder.mute(run) : run()),
      onLoaded: (content) => this.#onLoaded(content),
      isSame: (content, signal) => this.#identity.isSame(content, signal),
      onFollow: () => this.#onFollow(),
      onBatch: (batch) => {
        this.#identity.note(batch)
        void this.#checkAgain()
      },
    })
    this.#stored = stored
    this.source = {
      ...stored,
      start: (from, sink) => {
        // A leader is heard from before the store is opened (SPEC T6).
        this.#tabs?.join()
        stored.start(from, sink)
      },
    }
    this.storage = {
      tabs: { get: part.get, subscribe: part.subscribe },
      status: { get: this.#status.get, subscribe: this.#status.subscribe },
      clear: () => this.#clear(),
      size: () => this.#opener.use((opened) => opened.size()),
      persist: () => store.persist?.() ?? Promise.resolve(true),
      flush: async () => {
        await this.#saveRows()
        await this.#saveWrites()
      },
    }
  }

  readonly createOutbox = (sender: MessageSender): StoreOutbox => this.#writes.createOutbox(sender)

  get shareWrites(): ((outbox: Outbox) => WriteTransport) | undefined {
    return this.#tabs && createOutboxTransport
  }

  async lead(
    signal: AbortSignal,
  ): Promise<{ readonly epoch: number; readonly checkpoint: Checkpoint | undefined }> {
    const store = await this.#opening.promise
    const claimed = store.claim()
    // There may be no room for it: then there is none for rows.
    claimed.catch((error: unknown) => {
      this.#goOnInMemory(toStreamDBError(error, 'storage-failed', 'Claiming the store failed'))
    })
    const epoch = await claimed
    const head = await store.readHead().catch(ignoreCorrupt)
    if (signal.aborted || this.#opened === undefined) return { epoch, checkpoint: undefined }
    if (head !== undefined) this.#unsaved.dropUpTo(head.checkpoint)
    this.#opened = { store, epoch }
    this.#writes.outbox?.lead(epoch)
    this.#status.set({ name: 'ready', savedAt: head?.savedAt })
    this.#beginSaving()
    return { epoch, checkpoint: head?.checkpoint }
  }

  follow(): void {
    this.saver.pause()
    this.#writes.outbox?.follow()
    if (this.#opened === undefined) return
    this.#opened = { store: this.#opened.store, epoch: undefined }
    this.#status.set({ name: 'following' })
  }

  async flush(): Promise<Checkpoint | undefined> {
    await this.saver.flush()
    const head = await this.#opened?.store.readHead().catch(ignoreCorrupt)
    return head?.checkpoint
  }

  reload(): void {
    if (!this.#isIncomplete) return this.#stored.reload()
    this.#tabs?.goAlone('other-version')
    this.#goOnInMemory(otherVersionError())
  }

  onSaved(checkpoint: Checkpoint): void {
    this.#unsaved.dropUpTo(checkpoint)
    if (this.#opened?.epoch === undefined) this.#status.set({ name: 'following', savedAt: Date.now() })
  }

  onRing(): void {
    void this.#writes.outbox?.reread()
  }

  get hasWrites(): boolean {
    return this.#writes.hasUnsent
  }

  retryNow(): void {
    this.#writes.outbox?.retryNow()
  }

  goOnWithoutLocks(): void {
    this.#tabs?.goAlone('no-web-locks')
    this.#goOnInMemory(noLocksError())
  }

  onCleared(): void {
    this.recorder.stop()
    this.saver.stop()
    this.#writes.outbox?.detach(clearedError())
    this.#tabs?.goAlone('cleared')
    this.#status.set({ name: 'cleared' })
  }

  /** Saves what is left, and ends the use of the store. */
  async close(): Promise<void> {
    this.#status.set({ name: 'closed' })
    await this.saver.close()
    await this.#saveWrites()
    this.#opened?.store.close()
    this.#opened = undefined
  }

  /** Resolves when the rows that are visible are stored, by whichever tab, or cannot be. */
  async #saveRows(): Promise<void> {
    const { signal } = this.#context
    const ask = (): void => this.#tabs?.askToSave()
    await whenSavedElsewhere({ unsaved: this.#unsaved, part: this.#part, clock: this.#clock, ask, signal })
    // Nothing is saved into rows of which nobody knows that they are of this stream.
    if (!isElsewhere(this.#part) && !this.#identity.isUnknown) await this.saver.flush()
  }

  #saveWrites(): Promise<void> {
    return this.#writes.save(this.#opened !== undefined)
  }

  async #open(signal: AbortSignal): Promise<StoredContent | 'corrupt' | undefined> {
    this.#status.set({ name: 'opening' })
    try {
      await this.#opener.whenSaved()
      const store = this.#opened?.store ?? (await this.#opener.open())
      if (signal.aborted) {
        store.close()
        return undefined
      }
      store.onLost((error) =>
        this.#goOnInMemory(toStreamDBError(error, 'storage-failed', 'The store was lost')),
      )
      const content = await this.#opener.load(store, this.#context.version)
      const epoch = this.#tabs === undefined ? await store.claim() : this.#opened?.epoch
      this.#opened = { store, epoch }
      // Before the rows: what is shown of unsent writes is there with them.
      await this.#writes.outbox?.attach(store.outbox)
      if (this.#tabs === undefined && epoch !== undefined) this.#writes.outbox?.lead(epoch)
      this.#opening.resolve(store)
      if (signal.aborted) return undefined
      if (typeof content === 'object') this.#status.set({ name: 'ready', savedAt: content.head.savedAt })
      else this.#status.set({ name: 'ready' })
      return content
    } catch (error) {
      this.#goOnInMemory(toStreamDBError(error, 'storage-failed', 'Opening the store failed'))
      return undefined
    }
  }

  /** Whether stored rows are as this version of the application stores them; others are stored again. */
  #isCurrent({ version }: StoredHead): boolean {
    return version === this.#context.version
  }

  #onLoaded({ head }: StoredContent): void {
    this.#isIncomplete = this.#context.types.some((type) => !head.types.includes(type))
    if (this.#isCurrent(head)) {
      this.#unsaved.clear()
      this.recorder.beginAt(head.checkpoint)
    }
    this.#identity.begin(head)
  }

  #onFollow(): void {
    this.#isLoaded = true
    this.#beginSaving()
  }

  #beginSaving(): void {
    // Nothing is saved into rows of which nobody knows that they are of this stream.
    if (!this.#isLoaded || this.#opened?.epoch === undefined || this.#identity.isUnknown) return
    this.saver.begin(this.#opened.store, this.#opened.epoch)
  }

  /** Another tab has claimed the store. */
  #onStale(): void {
    if (this.#tabs !== undefined) return this.#tabs.onStale()
    this.#goOnInMemory(claimedError())
  }

  async #checkAgain(): Promise<void> {
    if (await this.#identity.checkAgain()) this.#onFollow()
  }

  #goOnInMemory(error: StreamDBError): void {
    this.#opening.reject(error)
    this.recorder.stop()
    this.saver.stop()
    this.#opened?.store.close()
    this.#opened = undefined
    this.#writes.outbox?.detach(error)
    if (this.#status.get().name === 'cleared' || this.#status.get().name === 'closed') return
    this.#status.set({ name: 'unavailable', error })
    this.#context.report(error)
    this.#tabs?.goAlone('storage-failed')
  }

  async #clear(): Promise<void> {
    this.recorder.stop()
    this.#writes.outbox?.detach(clearedError())
    // What is saved after that is refused: it is not waited for longer than for any answer.
    await before(ANSWER_TIMEOUT, this.saver.close(), { clock: this.#clock }).catch(() => undefined)
    this.#tabs?.tellCleared()
    this.onCleared()
    this.#writes.clearJournal()
    await this.#opener.use((opened) => opened.clear())
  }
}
