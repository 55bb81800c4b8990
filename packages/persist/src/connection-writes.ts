import { toStreamDBError } from '@streamdb/log'
import type { MessageSender, OpenStore, StorageContext, StreamDBError, StreamStore } from '@streamdb/log'
import type { StoreOpener } from './open-store.ts'
import { StoreOutbox } from './outbox/outbox.ts'
import { createPageJournal } from './outbox/page-journal.ts'
import type { PageJournal } from './outbox/page-journal.ts'
import type { TabClock } from './tabs/browser.ts'

/** What the writes of a connection work with. */
export interface ConnectionWritesOptions {
  readonly store: StreamStore
  readonly id: string
  readonly context: Pick<StorageContext, 'report' | 'signal'>
  readonly clock: TabClock
  readonly opener: Pick<StoreOpener, 'use'>
  /** Tells other tabs that the outbox has changed. */
  readonly ring: (() => void) | undefined
  /** Called where the store fails. */
  readonly onFailed: (error: StreamDBError) => void
  /** Called where another tab has claimed the store. */
  readonly onStale: () => void
}

/** The unsent writes of a database, and their way into its store. There is an outbox once the database asks for one. */
export class ConnectionWrites {
  readonly #options: ConnectionWritesOptions
  #outbox: StoreOutbox | undefined
  #journal: PageJournal | undefined
  #saving: Promise<void> | undefined

  constructor(options: ConnectionWritesOptions) {
    this.#options = options
  }

  get outbox(): StoreOutbox | undefined {
    return this.#outbox
  }

  /** Whether there are writes that the log may not have. */
  get hasUnsent(): boolean {
    const writes = this.#outbox?.get() ?? []
    return writes.some(({ state }) => state.name === 'queued' || state.name === 'sent')
  }

  createOutbox(sender: MessageSender): StoreOutbox {
    const { store, id, context, clock, ring, onFailed, onStale } = this.#options
    const { report, signal } = context
    // What a codec encrypts is not to lie elsewhere as it is.
    const isJournalled = store.sharedAs !== undefined && store.isEncoded !== true
    this.#journal = isJournalled ? createPageJournal(`${store.sharedAs} ${id}`) : undefined
    this.#outbox = new StoreOutbox({
      ...{ sender, signal, ring, clock, onStale },
      journal: this.#journal,
      report: onFailed,
      onDropped: (error) => report(error),
      onUnreadable: (error) => report(error),
      onThrown: (error) =>
        report(toStreamDBError(error, 'callback-failed', 'A listener of the outbox threw')),
    })
    return this.#outbox
  }

  /** Resolves when what is written by now is stored, or cannot be; also where the database was closed before it was opened. */
  save(isOpened: boolean): Promise<void> {
    const outbox = this.#outbox
    if (outbox === undefined) return Promise.resolve()
    const isClosed = this.#options.context.signal.aborted && !isOpened
    const save = async (opened: OpenStore): Promise<void> => {
      await outbox.attach(opened.outbox)
      await outbox.whenStored()
    }
    this.#saving ??= isClosed && !outbox.isSaved ? this.#options.opener.use(save) : undefined
    return (this.#saving ?? outbox.whenStored()).catch(() => undefined) // reported
  }

  /** Removes what the page's journal keeps. */
  clearJournal(): void {
    this.#journal?.take().forget()
  }
}
