import type {
  Batch,
  StorageContext,
  StoredContent,
  StoredHead,
  StreamIdentity,
  TabsStatus,
} from '@streamdb/log'
import { isIncarnation } from '@streamdb/log'
import { before } from './before.ts'
import type { CurrentValue } from './current-value.ts'

/** How long it is waited for the server to say which stream it has, before reading goes on without knowing. */
const CHECK_TIMEOUT = 5_000

const server = { who: 'The server' }

/** What tells the stored stream from another one under the same URL, and whether the server has that stream. */
export class StoredIdentity {
  readonly #context: Pick<StorageContext, 'identifier' | 'signal' | 'source' | 'types' | 'version'>
  readonly #tabs: Pick<CurrentValue<TabsStatus>, 'get'>
  #identity: StreamIdentity = {}
  // Stored rows whose stream could not be told from another one yet.
  #unchecked: StoredContent | undefined
  #isChecking = false

  constructor(
    context: Pick<StorageContext, 'identifier' | 'signal' | 'source' | 'types' | 'version'>,
    tabs: Pick<CurrentValue<TabsStatus>, 'get'>,
  ) {
    this.#context = context
    this.#tabs = tabs
  }

  /** Whether rows are shown of which nobody knows that they are of this stream: nothing is saved into them. */
  get isUnknown(): boolean {
    return this.#unchecked !== undefined
  }

  /** The rows that are stored are those of this stream. */
  begin({ identity }: StoredHead): void {
    this.#identity = identity
  }

  /** The stream is read from its beginning: it may be another one. */
  forget(): void {
    this.#identity = {}
    this.#unchecked = undefined
  }

  /** Tells whether the server has the stream that was stored; where it does not answer, that is found out later. */
  async isSame(content: StoredContent, signal: AbortSignal): Promise<boolean> {
    // The leader has seen that it is.
    if (this.#tabs.get().role === 'follower') return true
    // The reader sees by itself that it is another.
    if (isIncarnation(content.head.checkpoint.streamId)) return true
    try {
      const check = this.#context.identifier.check(content.head.identity, signal)
      return (await before(CHECK_TIMEOUT, check, server)) === 'same'
    } catch {
      this.#unchecked = content
      return true
    }
  }

  /** Takes note of a batch: the stream is recognised by it later. */
  note(batch: Batch): void {
    const anchor = this.#context.identifier.anchorOf(batch)
    if (anchor !== undefined) this.#identity = { ...this.#identity, anchor }
  }

  /** Asks a server that answers again, where the stream is unknown. Resolves with true where it has become known. */
  async checkAgain(): Promise<boolean> {
    const content = this.#unchecked
    if (content === undefined || this.#isChecking) return false
    this.#isChecking = true
    const { identifier, signal, source } = this.#context
    try {
      const check = await before(CHECK_TIMEOUT, identifier.check(content.head.identity, signal), server)
      if (signal.aborted || this.#unchecked !== content) return false
      this.#unchecked = undefined
      if (check === 'other') source.restart('stream-replaced')
      return true
    } catch {
      return false // With the next batch.
    } finally {
      this.#isChecking = false
    }
  }

  /** Returns what is stored with the rows. The server is asked for the stream's id, unless the page is leaving. */
  async describe(isLeaving: boolean): Promise<Omit<StoredHead, 'savedAt' | 'checkpoint'>> {
    const { identifier, signal, types, version } = this.#context
    if (this.#identity.id === undefined && !signal.aborted && !isLeaving) {
      const id = await before(CHECK_TIMEOUT, identifier.findId(signal), server).catch(() => undefined)
      // An empty one is asked for once.
      this.#identity = { ...this.#identity, id: id ?? '' }
    }
    return { identity: this.#identity, version, types }
  }
}
