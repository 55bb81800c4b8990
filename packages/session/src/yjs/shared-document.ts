import { deferred, delay } from '@streamdb/log'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { DocumentPlace } from '../documents.ts'
import { SessionError } from '../errors.ts'
import type { Participant } from '../rows.ts'
import { announce, awarenessUser } from './awareness-user.ts'
import { Cell } from './cell.ts'
import { providerHeaders } from './document-headers.ts'
import type { DocumentHeaders } from './document-headers.ts'
import { runLink } from './document-link.ts'
import { readDocument } from './read-document.ts'
import type { DocumentStatus } from './document-status.ts'

/** What a document is opened with. */
export interface SharedDocumentOptions {
  /** The server of documents and its service. */
  readonly baseUrl: string
  readonly place: Promise<DocumentPlace>
  readonly headers: DocumentHeaders
  readonly me: Pick<Participant, 'id' | 'name' | 'data'> | undefined
  readonly doc?: Y.Doc | undefined
  /** Ends it, where it is not closed before. */
  readonly signal: AbortSignal
}

const firstPause = 250
const longestPause = 10_000

/** A Yjs document that this device keeps in sync with the others, until it is closed. */
export class SharedDocument {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly status: Cell<DocumentStatus> = new Cell<DocumentStatus>({ name: 'connecting' })
  readonly #options: SharedDocumentOptions
  readonly #closing = new AbortController()

  constructor(options: SharedDocumentOptions) {
    this.#options = options
    this.doc = options.doc ?? new Y.Doc()
    this.awareness = new Awareness(this.doc)
    if (options.me !== undefined) announce(this.awareness, awarenessUser(options.me))
    options.signal.addEventListener('abort', this.close)
    if (options.signal.aborted) this.close()
    else void this.#run()
  }

  /**
   * Resolves when the server has what is here, and this document what is there. Rejects with `closed` when it is closed before.
   */
  async saved(): Promise<void> {
    const settled = deferred()
    const check = (): void => {
      const { name } = this.status.get()
      if (name === 'synced') settled.resolve()
      if (name === 'closed') settled.reject(new SessionError('closed', 'The document was closed'))
    }
    const stop = this.status.subscribe(check)
    check()
    try {
      await settled.promise
    } finally {
      stop()
    }
  }

  readonly close = (): void => {
    if (this.#closing.signal.aborted) return
    this.#options.signal.removeEventListener('abort', this.close)
    this.#closing.abort()
    this.awareness.destroy()
    this.status.set({ name: 'closed' })
  }

  /** Keeps it in sync, over as many connections as it takes. */
  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let pause = firstPause; !signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      const { error, wasSynced } = await this.#connect().catch((cause: unknown) => ({
        error: cause instanceof Error ? cause : new Error(String(cause)),
        wasSynced: false,
      }))
      // It is closed meanwhile, or not.
      if (this.#closing.signal.aborted) return
      this.status.set({ name: 'offline', error })
      if (wasSynced) pause = firstPause
      await delay(pause, signal)
    }
  }

  async #connect(): ReturnType<typeof runLink> {
    const { doc, awareness, status } = this
    const { baseUrl, headers: given, place } = this.#options
    const { signal } = this.#closing
    const { path, source } = await place
    const headers = await providerHeaders(baseUrl, given)
    if (source !== undefined && (await readDocument({ baseUrl, path, headers, signal })) === undefined) {
      const update = await readDocument({ baseUrl, path: source, headers, signal })
      if (update !== undefined) Y.applyUpdate(doc, update, this)
    }
    return runLink({ doc, awareness, status, baseUrl, path, headers, signal })
  }
}
