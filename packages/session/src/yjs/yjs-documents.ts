import { resolveUrl } from '@streamdb/log'
import type { DocumentPlugin } from '../documents.ts'
import { SharedDocument } from './shared-document.ts'
import { toYjsDocument } from './yjs-document.ts'
import type { YjsDocument } from './yjs-document.ts'

/** Options of `yjsDocuments`. */
export interface YjsDocumentsOptions {
  /** The server of documents and its service. Default: `/v1/yjs/sessions` where the session is. */
  readonly url?: string | undefined
}

/**
 * Makes the documents of a session Yjs documents: `openSession({ url, me, documents: yjsDocuments() })`.
 *
 * Each document is opened once in a session, however many use it, and ends when the last one has closed it.
 */
export function yjsDocuments({ url }: YjsDocumentsOptions = {}): DocumentPlugin<YjsDocument> {
  return ({ url: sessionUrl, me, headers, signal }) => {
    const baseUrl = url === undefined ? new URL('/v1/yjs/sessions', sessionUrl).href : resolveUrl(url)
    const opened = new Map<string, { readonly shared: SharedDocument; users: number }>()
    return (id, place) => {
      const known = opened.get(id)
      const open = known ?? { shared: new SharedDocument({ baseUrl, place, headers, me, signal }), users: 0 }
      open.users++
      opened.set(id, open)
      return toYjsDocument(id, open.shared, () => {
        open.users--
        if (open.users > 0) return
        opened.delete(id)
        open.shared.close()
      })
    }
  }
}
