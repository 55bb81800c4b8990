import type { Readable } from '@streamdb/db'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { DocumentStatus } from './document-status.ts'
import type { SharedDocument } from './shared-document.ts'

/** A shared document, open here: for editors, and for `Y.UndoManager`, whose default tracks the changes of this device alone. */
export interface YjsDocument {
  readonly id: string
  readonly doc: Y.Doc
  /** Who else has it open: cursors, selections. `user` of each state is who it is: `{ id, name, color, colorLight }`. */
  readonly awareness: Awareness
  readonly status: Readable<DocumentStatus>
  /** Resolves when the server has what is here. Rejects with `closed` when it is closed before. */
  saved(): Promise<void>
  /** Ends it here; what has not been sent is sent. May be called again. */
  close(): void
}

/** Returns what a user of a document gets; `onClose` is called once. */
export function toYjsDocument(id: string, shared: SharedDocument, onClose: () => void): YjsDocument {
  const { doc, awareness, status } = shared
  let isOpen = true
  return {
    ...{ id, doc, awareness, status },
    saved: () => shared.saved(),
    close() {
      if (isOpen) onClose()
      isOpen = false
    },
  }
}
