import { resolveUrl } from '@streamdb/log'
import type * as Y from 'yjs'
import type { Participant } from '../rows.ts'
import type { DocumentHeaders } from './document-headers.ts'
import { SharedDocument } from './shared-document.ts'
import { toYjsDocument } from './yjs-document.ts'
import type { YjsDocument } from './yjs-document.ts'

/** Options of `openDocument`. */
export interface OpenDocumentOptions {
  /** The server of documents and its service: `https://example.com/v1/yjs/my-service`. */
  readonly url: string
  /** Letters, digits, `-`, `_` and `/`. */
  readonly id: string
  /** Who this is, for the others. */
  readonly me?: Pick<Participant, 'id' | 'name' | 'data'> | undefined
  /** Headers of each request; functions are asked anew. */
  readonly headers?: DocumentHeaders
  /** A document that exists, as one that another provider stores. */
  readonly doc?: Y.Doc | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a shared document without a session.
 *
 * @example
 * ```ts
 * const document = openDocument({ url: `${url}/yjs`, id: 'plan', me: { id: 'ada' } })
 * document.doc.getText('body').insert(0, 'Hello')
 * document.close()
 * ```
 */
export function openDocument({ url, id, me, headers, doc, signal }: OpenDocumentOptions): YjsDocument {
  const shared = new SharedDocument({
    baseUrl: resolveUrl(url),
    place: Promise.resolve({ path: id }),
    ...{ me, headers, doc },
    signal: signal ?? new AbortController().signal,
  })
  return toYjsDocument(id, shared, shared.close)
}
