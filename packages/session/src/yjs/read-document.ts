import { YjsProvider } from '@durable-streams/y-durable-streams'
import { deferred } from '@streamdb/log'
import * as Y from 'yjs'
import type { DocumentLink } from './document-link.ts'

/** Reads a document once; resolves with it as one update, or with nothing where nobody has written it. */
export async function readDocument({
  baseUrl,
  path,
  headers,
  signal,
}: Pick<DocumentLink, 'baseUrl' | 'path' | 'headers' | 'signal'>): Promise<Uint8Array | undefined> {
  const doc = new Y.Doc()
  const provider = new YjsProvider({ doc, baseUrl, docId: path, headers, connect: false })
  const read = deferred()
  const onAbort = (): void => read.reject(signal.reason)
  provider.on('synced', (isSynced) => isSynced && read.resolve())
  provider.on('error', (error) => read.reject(error))
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    void provider.connect()
    await read.promise
    return doc.store.clients.size === 0 ? undefined : Y.encodeStateAsUpdate(doc)
  } finally {
    signal.removeEventListener('abort', onAbort)
    provider.destroy()
  }
}
