import { StreamDBError, toStreamDBError } from '@streamdb/log'
import type {
  Batch,
  DatabaseStorage,
  OpenStore,
  StorageConnection,
  StorageContext,
  StoredContent,
  StoredHead,
  StreamIdentity,
  StreamStore,
} from '@streamdb/log'
import { before } from './before.ts'
import { onHide } from './on-hide.ts'
import { RowRecorder } from './recorder.ts'
import { Saver } from './saver.ts'
import { StatusValue } from './status-value.ts'
import { createStoredSource } from './stored-source.ts'

/** How long a store may take to open, in milliseconds; some browsers never answer. */
const OPEN_TIMEOUT = 5_000

/** How long it is waited for the server to say which stream it has, before reading goes on without knowing. */
const CHECK_TIMEOUT = 5_000

/** Joins a database to its store: it alone saves there. */
export function connectStorage(store: StreamStore, id: string, context: StorageContext): StorageConnection {
  const connection = new StoreConnection(store, id, context)
  const end = onHide(() => void connection.saver.flush())
  context.signal.addEventListener('abort', () => {
    end()
    void connection.close()
  })
  return connection
}

/** A database and its store. */
class StoreConnection implements StorageConnection {
  readonly source: StorageConnection['source']
  readonly recorder: RowRecorder
  readonly saver: Saver
  readonly storage: DatabaseStorage
  readonly #store: StreamStore
  readonly #id: string
  readonly #context: StorageContext
  readonly #status: StatusValue
  #opened: { readonly store: OpenStore; readonly epoch: number } | undefined
  #identity: StreamIdentity = {}
  // Stored rows whose stream could not be told from another one yet.
  #unchecked: StoredContent | undefined
  #isChecking = false

  constructor(store: StreamStore, id: string, context: StorageContext) {
    this.#store = store
    this.#id = id
    this.#context = context
    this.#status = new StatusValue((error) =>
      context.report(toStreamDBError(error, 'callback-failed', 'A listener of the storage threw')),
    )
    this.recorder = new RowRecorder(
      () => this.saver.schedule(),
      (reason) => {
        this.#identity = {}
        this.#unchecked = undefined
        if (this.#opened) this.#status.set({ name: 'rebuilding', reason })
      },
    )
    this.saver = new Saver({
      recorder: this.recorder,
      describe: () => this.#describe(),
      onSaved: () => this.#status.set({ name: 'ready', savedAt: Date.now() }),
      onFailed: (error) => this.#goOnInMemory(error),
    })
    this.source = createStoredSource({
      log: context.source,
      types: context.types,
      open: (signal) => this.#open(signal),
      deliver: (content, run) => (this.#isCurrent(content.head) ? this.recorder.mute(run) : run()),
      onLoaded: (content) => this.#onLoaded(content),
      isSame: (content, signal) => this.#isSame(content, signal),
      onFollow: () => this.#onFollow(),
      onBatch: (batch) => this.#onBatch(batch),
    })
    this.storage = {
      status: { get: this.#status.get, subscribe: this.#status.subscribe },
      clear: () => this.#clear(),
      size: () => this.#withStore((opened) => opened.size()),
      persist: () => store.persist?.() ?? Promise.resolve(true),
      flush: () => this.saver.flush(),
    }
  }

  /** Saves what is left, and ends the use of the store. */
  async close(): Promise<void> {
    this.#status.set({ name: 'closed' })
    await this.saver.close()
    this.#opened?.store.close()
    this.#opened = undefined
  }

  async #open(signal: AbortSignal): Promise<StoredContent | 'corrupt' | undefined> {
    this.#status.set({ name: 'opening' })
    try {
      const store =
        this.#opened?.store ??
        (await before(OPEN_TIMEOUT, this.#store.open(this.#id), (late) => late.close()))
      if (signal.aborted) {
        store.close()
        return undefined
      }
      store.onLost((error) =>
        this.#goOnInMemory(toStreamDBError(error, 'storage-failed', 'The store was lost')),
      )
      const content = await before(OPEN_TIMEOUT, store.load()).catch(asCorrupt)
      if (typeof content === 'object') this.#assertVersion(content.head, store)
      const epoch = await store.claim()
      this.#opened = { store, epoch }
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
    if (this.#isCurrent(head)) this.recorder.beginAt(head.checkpoint)
    this.#identity = head.identity
  }

  async #isSame(content: StoredContent, signal: AbortSignal): Promise<boolean> {
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
    // Nothing is saved into rows of which nobody knows that they are of this stream.
    if (this.#opened && this.#unchecked === undefined)
      this.saver.begin(this.#opened.store, this.#opened.epoch)
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

  async #describe(): Promise<Omit<StoredHead, 'savedAt' | 'checkpoint'>> {
    const { identifier, signal, types, version } = this.#context
    if (this.#identity.id === undefined && !signal.aborted) {
      const id = await before(CHECK_TIMEOUT, identifier.findId(signal)).catch(() => undefined)
      // An empty one is asked for once.
      this.#identity = { ...this.#identity, id: id ?? '' }
    }
    return { identity: this.#identity, version, types }
  }

  #goOnInMemory(error: StreamDBError): void {
    this.recorder.stop()
    this.saver.stop()
    this.#opened?.store.close()
    this.#opened = undefined
    if (this.#status.get().name === 'cleared' || this.#status.get().name === 'closed') return
    this.#status.set({ name: 'unavailable', error })
    this.#context.report(error)
  }

  async #clear(): Promise<void> {
    this.recorder.stop()
    await this.saver.close()
    this.#status.set({ name: 'cleared' })
    await this.#withStore((opened) => opened.clear())
  }

  async #withStore<Value>(run: (store: OpenStore) => Promise<Value>): Promise<Value> {
    const opened = await before(OPEN_TIMEOUT, this.#store.open(this.#id), (late) => late.close())
    try {
      return await run(opened)
    } finally {
      opened.close()
    }
  }
}

function asCorrupt(error: unknown): 'corrupt' {
  if (error instanceof StreamDBError && error.code === 'storage-corrupt') return 'corrupt'
  throw error
}
