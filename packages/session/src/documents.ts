import { SessionError } from './errors.ts'
import { redactRow } from './redaction.ts'
import type { DocumentRow, Participant } from './rows.ts'
import type { SessionParts } from './session-parts.ts'
import { settled } from './writing.ts'

/** What shared documents of a session are opened with. */
export interface DocumentContext {
  /** The session's URL. */
  readonly url: string
  readonly me: Participant
  readonly device: string
  /** Headers of the session's requests; functions are asked anew. */
  readonly headers: SessionParts['streamOptions']['headers']
  /** Aborts when the session is closed. */
  readonly signal: AbortSignal
}

/** Where a document is; in a fork also the one that it begins with. */
export type DocumentPlace = Pick<DocumentRow, 'path' | 'source'>

/** Opens a document of a session; where it is is known when the session is loaded. */
export type OpenDocument<Doc> = (id: string, place: Promise<DocumentPlace>) => Doc

/** What makes a session's documents: `yjsDocuments()` of `@streamdb/session/yjs`. Called once a session. */
export type DocumentPlugin<Doc> = (context: DocumentContext) => OpenDocument<Doc>

/** How a document is opened. */
export interface DocumentOptions {
  /** Its title, where it is new. */
  readonly title?: string | undefined
}

/** The shared documents of a session: their rows, and what opens them. */
export class Documents<Doc> {
  readonly #session: SessionParts
  readonly #open: OpenDocument<Doc> | undefined

  constructor(session: SessionParts, plugin: DocumentPlugin<Doc> | undefined) {
    this.#session = session
    const { db, me, device, streamOptions, closing } = session
    const { headers } = streamOptions
    this.#open = plugin?.({ url: db.stream.url, me, device, headers, signal: closing.signal })
  }

  /** Opens a document; the first who does so lists it in the session. Throws `invalid-options`. */
  open(id: string, options: DocumentOptions = {}): Doc {
    if (this.#open === undefined) {
      throw new SessionError(
        'invalid-options',
        `session.document: "${id}" cannot be opened, as openSession was given no documents. ` +
          'Pass { documents: yjsDocuments() } of @streamdb/session/yjs',
      )
    }
    const place = this.#place(id, options)
    // Whoever opens it waits for it; closing the session rejects it.
    place.catch(() => undefined)
    return this.#open(id, place)
  }

  async #place(id: string, { title }: DocumentOptions): Promise<DocumentPlace> {
    const { db, me, redact } = this.#session
    // Which path it has depends on whether it is there.
    const path = documentPath(db.stream.url, id)
    await db.preload()
    const { documents } = db.collections
    const known = documents.get(id)
    if (known !== undefined) return known
    const row: DocumentRow = {
      ...{ id, by: me.id, path, createdAt: new Date().toISOString() },
      ...(title === undefined ? {} : { title }),
    }
    const written = redactRow(redact, 'document', id, row)
    // The document is there without its row; the database reports why it was refused.
    settled(db.transact(() => void documents.insert(written))).catch(() => undefined)
    return row
  }
}

const longestPath = 256

/**
 * Returns the path of a session's document on the server of documents, which takes letters, digits, `-`, `_` and `/`, 256 of
 * them. Throws `invalid-options` where it would be longer.
 */
export function documentPath(sessionUrl: string, id: string): string {
  const session = new URL(sessionUrl).pathname.split('/').filter((segment) => segment !== '')
  const path = [...session.map((segment) => decodeURIComponent(segment)), 'documents', id]
    .map(encodeSegment)
    .join('/')
  if (id !== '' && path.length <= longestPath) return path
  throw new SessionError(
    'invalid-options',
    `session.document: expected an id that makes a path of 1 to ${longestPath} characters but received "${id}" (${path.length})`,
  )
}

/** Every other character becomes `_` and two hexadecimal digits for each of its bytes; `_` does too, so that none collide. */
function encodeSegment(segment: string): string {
  return [...segment]
    .map((character) => {
      if (/[A-Za-z0-9-]/.test(character)) return character
      const bytes = new TextEncoder().encode(character)
      return Array.from(bytes, (byte) => `_${byte.toString(16).padStart(2, '0')}`).join('')
    })
    .join('')
}
