import { deferred, StreamDBError, toStreamDBError } from '@streamdb/log'
import type {
  AloneReason,
  Batch,
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
  StreamIdentity,
  StreamStore,
  TabsStatus,
  WriteTransport,
} from '@streamdb/log'
import { before } from './before.ts'
import { CurrentValue } from './current-value.ts'
import { nextStorageStatus, nextTabsStatus } from './next-status.ts'
import { noteClosing, whenClosed } from './closing-stores.ts'
import { onHide } from './on-hide.ts'
import { StoreOutbox } from './outbox/outbox.ts'
import { createPageJournal } from './outbox/page-journal.ts'
import type { PageJournal } from './outbox/page-journal.ts'
import { createOutboxTransport } from './outbox-transport.ts'
import { RowRecorder } from './recorder.ts'
import { Saver } from './saver.ts'
import { createStoredSource } from './stored-source.ts'
import type { StoredSource } from './stored-source.ts'
import type { TabClock } from './tabs/browser.ts'
import type { SharingBrowser } from './tabs/choose-tabs.ts'
import { realClock } from './tabs/real-browser.ts'
import type { SharedStore } from './tabs/shared-store.ts'
import { isElsewhere, whenSavedElsewhere } from './tabs/saved-elsewhere.ts'
import { TabsSource } from './tabs/tabs-source.ts'
import { UnsavedChanges } from './tabs/unsaved-changes.ts'

/** How long a store may take to open, in milliseconds; some browsers never answer. */
const OPEN_TIMEOUT = 5_000

/** How long it is waited for the server to say which stream it has, before reading goes on without knowing. */
const CHECK_TIMEOUT = 5_000

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

/** A database and its store. */
class StoreConnection implements StorageConnection, SharedStore {
  readonly source: StorageConnection['source']
  readonly recorder: RowRecorder
  readonly saver: Saver
  readonly storage: DatabaseStorage
  readonly #store: StreamStore
  readonly #id: string
  readonly #context: StorageContext
  readonly #status: CurrentValue<StorageStatus>
  readonly #stored: StoredSource
  readonly #tabs: TabsSource | undefined
  readonly #part: CurrentValue<TabsStatus>
  readonly #clock: TabClock
  readonly #unsaved: UnsavedChanges
  // Rejects where the store cannot be used.
  readonly #opening = deferred<OpenStore>()
  // Without an epoch another tab saves.
  #opened: { readonly store: OpenStore; readonly epoch: number | undefined } | undefined
  // All stored rows are delivered: what follows is to be saved.
  #isLoaded = false
  // The rows that another version of the application stored are not all that this one shows.
  #isIncomplete = false
  #identity: StreamIdentity = {}
  #outbox: StoreOutbox | undefined
  #journal: PageJournal | undefined
  #savingWrites: Promise<void> | undefined
  // Stored rows whose stream could not be told from another one yet.
  #unchecked: StoredContent | undefined
  #isChecking = false

  constructor(store: StreamStore, id: string, context: StorageContext, tabs: SharingBrowser | AloneReason) {
    this.#store = store
    this.#id = id
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
    this.recorder = new RowRecorder(
      () => this.saver.schedule(),
      (reason) => {
        this.#identity = {}
        this.#unchecked = undefined
        this.#unsaved.clear()
        if (this.#opened && reason !== 'read-elsewhere') this.#status.set({ name: 'rebuilding', reason })
      },
    )
    this.#unsaved = new UnsavedChanges(this.recorder)
    this.saver = new Saver({
      changes: this.#unsaved,
      describe: (isLeaving) => this.#describe(isLeaving),
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
    const stored = createStoredSource({
      log: this.#tabs ?? context.source,
      types: context.types,
      open: (signal) => this.#open(signal),
      deliver: (content, run) => (this.#isCurrent(content.head) ? this.recorder.mute(run) : run()),
      onLoaded: (content) => this.#onLoaded(content),
      isSame: (content, signal) => this.#isSame(content, signal),
      onFollow: () => this.#onFollow(),
      onBatch: (batch) => this.#onBatch(batch),
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
      size: () => this.#withStore((opened) => opened.size()),
      persist: () => store.persist?.() ?? Promise.resolve(true),
      flush: async () => {
        await this.#saveRows()
        await this.#saveWrites()
      },
    }
  }

  readonly createOutbox = (sender: MessageSender): StoreOutbox => {
    const { signal } = this.#context
    const report = (error: StreamDBError): void => this.#goOnInMemory(error)
    const tabs = this.#tabs
    const ring = tabs && (() => tabs.ring())
    const { sharedAs, isEncoded } = this.#store
    // What a codec encrypts is not to lie elsewhere as it is.
    this.#journal =
      sharedAs === undefined || isEncoded === true ? undefined : createPageJournal(`${sharedAs} ${this.#id}`)
    const onStale = (): void => this.#onStale()
    this.#outbox = new StoreOutbox({
      ...{ sender, report, signal, ring, journal: this.#journal, onStale, clock: this.#clock },
      onDropped: (error) => this.#context.report(error),
      onThrown: (error) =>
        this.#context.report(toStreamDBError(error, 'callback-failed', 'A listener of the outbox threw')),
    })
    return this.#outbox
  }

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
    this.#outbox?.lead(epoch)
    this.#status.set({ name: 'ready', savedAt: head?.savedAt })
    this.#beginSaving()
    return { epoch, checkpoint: head?.checkpoint }
  }

  follow(): void {
    this.saver.pause()
    this.#outbox?.follow()
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
    const what = 'Another tab runs a version of the application that stores other types of rows'
    this.#goOnInMemory(new StreamDBError('storage-failed', `${what}: reload that tab, or close it`))
  }

  onSaved(checkpoint: Checkpoint): void {
    this.#unsaved.dropUpTo(checkpoint)
    if (this.#opened?.epoch === undefined) this.#status.set({ name: 'following', savedAt: Date.now() })
  }

  onRing(): void {
    void this.#outbox?.reread()
  }

  get hasWrites(): boolean {
    const writes = this.#outbox?.get() ?? []
    return writes.some(({ state }) => state.name === 'queued' || state.name === 'sent')
  }

  retryNow(): void {
    this.#outbox?.retryNow()
  }

  onCleared(): void {
    this.recorder.stop()
    this.saver.stop()
    this.#outbox?.detach(clearedError())
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
    if (!isElsewhere(this.#part) && this.#unchecked === undefined) await this.saver.flush()
  }

  #openStore(): Promise<OpenStore> {
    return before(OPEN_TIMEOUT, this.#store.open(this.#id), (late) => late.close(), this.#clock)
  }

  /** Resolves when what is written by now is stored, or cannot be; also where the database was closed before it was opened. */
  #saveWrites(): Promise<void> {
    const outbox = this.#outbox
    if (outbox === undefined) return Promise.resolve()
    const isClosed = this.#context.signal.aborted && this.#opened === undefined
    const save = async (opened: OpenStore): Promise<void> => {
      await outbox.attach(opened.outbox)
      await outbox.whenStored()
    }
    this.#savingWrites ??= isClosed && !outbox.isSaved ? this.#withStore(save) : undefined
    return (this.#savingWrites ?? outbox.whenStored()).catch(() => undefined) // reported
  }

  async #open(signal: AbortSignal): Promise<StoredContent | 'corrupt' | undefined> {
    this.#status.set({ name: 'opening' })
    try {
      const closed = whenClosed(this.#store, this.#id)
      // One that takes longer has its rows in the log.
      if (closed !== undefined)
        await before(OPEN_TIMEOUT, closed, undefined, this.#clock).catch(() => undefined)
      const store = this.#opened?.store ?? (await this.#openStore())
      if (signal.aborted) {
        store.close()
        return undefined
      }
      store.onLost((error) =>
        this.#goOnInMemory(toStreamDBError(error, 'storage-failed', 'The store was lost')),
      )
      const content = await before(OPEN_TIMEOUT, store.load(), undefined, this.#clock).catch(asCorrupt)
      if (typeof content === 'object') this.#assertVersion(content.head, store)
      const epoch = this.#tabs === undefined ? await store.claim() : this.#opened?.epoch
      this.#opened = { store, epoch }
      // Before the rows: what is shown of unsent writes is there with them.
      await this.#outbox?.attach(store.outbox)
      if (this.#tabs === undefined && epoch !== undefined) this.#outbox?.lead(epoch)
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

  #assertVersion({ version }: StoredHead, store: OpenStore): void {
    if (version <= this.#context.version) return
    store.close()
    const what = `The stored rows are of version ${version} of the application, and this is version ${this.#context.version}`
    throw new StreamDBError('storage-newer', `${what}: they are left as they are, and nothing is stored`)
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
    this.#identity = head.identity
  }

  async #isSame(content: StoredContent, signal: AbortSignal): Promise<boolean> {
    // The leader has seen that it is.
    if (this.storage.tabs.get().role === 'follower') return true
    // The reader sees by itself that it is another.
    if (content.head.checkpoint.streamId !== undefined) return true
    try {
      const check = this.#context.identifier.check(content.head.identity, signal)
      return (await before(CHECK_TIMEOUT, check)) === 'same'
    } catch {
      this.#unchecked = content
      return true
    }
  }

  #onFollow(): void {
    this.#isLoaded = true
    this.#beginSaving()
  }

  #beginSaving(): void {
    // Nothing is saved into rows of which nobody knows that they are of this stream.
    if (!this.#isLoaded || this.#opened?.epoch === undefined || this.#unchecked !== undefined) return
    this.saver.begin(this.#opened.store, this.#opened.epoch)
  }

  /** Another tab has claimed the store. */
  #onStale(): void {
    if (this.#tabs !== undefined) return this.#tabs.onStale()
    const what = 'Another tab saves what it reads of this stream: this one stores nothing more'
    this.#goOnInMemory(new StreamDBError('storage-stale', what))
  }

  #onBatch(batch: Batch): void {
    const anchor = this.#context.identifier.anchorOf(batch)
    if (anchor !== undefined) this.#identity = { ...this.#identity, anchor }
    if (this.#unchecked === undefined || this.#isChecking) return
    // The server answers again.
    this.#isChecking = true
    void this.#checkAgain(this.#unchecked)
  }

  async #checkAgain(content: StoredContent): Promise<void> {
    const { identifier, signal, source } = this.#context
    try {
      const check = await before(CHECK_TIMEOUT, identifier.check(content.head.identity, signal))
      if (signal.aborted || this.#unchecked !== content) return
      this.#unchecked = undefined
      if (check === 'other') source.restart('stream-replaced')
      this.#onFollow()
    } catch {
      // With the next batch.
    } finally {
      this.#isChecking = false
    }
  }

  async #describe(isLeaving: boolean): Promise<Omit<StoredHead, 'savedAt' | 'checkpoint'>> {
    const { identifier, signal, types, version } = this.#context
    if (this.#identity.id === undefined && !signal.aborted && !isLeaving) {
      const id = await before(CHECK_TIMEOUT, identifier.findId(signal)).catch(() => undefined)
      // An empty one is asked for once.
      this.#identity = { ...this.#identity, id: id ?? '' }
    }
    return { identity: this.#identity, version, types }
  }

  #goOnInMemory(error: StreamDBError): void {
    this.#opening.reject(error)
    this.recorder.stop()
    this.saver.stop()
    this.#opened?.store.close()
    this.#opened = undefined
    this.#outbox?.detach(error)
    if (this.#status.get().name === 'cleared' || this.#status.get().name === 'closed') return
    this.#status.set({ name: 'unavailable', error })
    this.#context.report(error)
    this.#tabs?.goAlone('storage-failed')
  }

  async #clear(): Promise<void> {
    this.recorder.stop()
    this.#outbox?.detach(clearedError())
    await this.saver.close()
    this.#tabs?.tellCleared()
    this.onCleared()
    this.#journal?.take().forget()
    await this.#withStore((opened) => opened.clear())
  }

  async #withStore<Value>(run: (store: OpenStore) => Promise<Value>): Promise<Value> {
    const opened = await this.#openStore()
    try {
      return await run(opened)
    } finally {
      opened.close()
    }
  }
}

function clearedError(): StreamDBError {
  return new StreamDBError('storage-failed', 'db.storage.clear() was called: nothing more is stored')
}

function asCorrupt(error: unknown): 'corrupt' {
  if (error instanceof StreamDBError && error.code === 'storage-corrupt') return 'corrupt'
  throw error
}

/** What is corrupt tells nothing: it is written anew. */
function ignoreCorrupt(error: unknown): undefined {
  if (!(error instanceof StreamDBError) || error.code !== 'storage-corrupt') throw error
}
