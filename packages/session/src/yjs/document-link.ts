import { YjsProvider } from '@durable-streams/y-durable-streams'
import { deferred } from '@streamdb/log'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Cell } from './cell.ts'
import type { providerHeaders } from './document-headers.ts'
import type { DocumentStatus } from './document-status.ts'
import { provideNextTick } from './provide-next-tick.ts'

/** What is linked to what. */
export interface DocumentLink {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly status: Cell<DocumentStatus>
  readonly baseUrl: string
  readonly path: string
  readonly headers: Awaited<ReturnType<typeof providerHeaders>>
  readonly signal: AbortSignal
}

/** Why a link ended, and whether it had been in sync. */
export interface LinkEnd {
  readonly error: Error
  readonly wasSynced: boolean
}

/**
 * Keeps a document in sync over one connection; resolves when that is lost, or the signal aborts.
 *
 * The provider sends what changes while it is connected, and nothing of what changed before. So it has a copy of its own,
 * which begins empty and becomes what the server has: what the document has beyond that is sent, whenever it was written
 * (SPEC A67).
 */
export async function runLink({
  doc,
  awareness,
  status,
  baseUrl,
  path,
  headers,
  signal,
}: DocumentLink): Promise<LinkEnd> {
  provideNextTick()
  const copy = new Y.Doc()
  const provider = new YjsProvider({ doc: copy, awareness, baseUrl, docId: path, headers, connect: false })
  const ended = deferred()
  let error: Error | undefined
  let isLinked = false
  let changes = 0

  async function save(): Promise<void> {
    const change = ++changes
    status.set({ name: 'saving' })
    await provider.flush()
    if (change === changes && isLinked && error === undefined) status.set({ name: 'synced' })
  }

  function onLocalUpdate(update: Uint8Array, origin: unknown): void {
    if (origin !== copy && isLinked) Y.applyUpdate(copy, update, doc)
  }

  copy.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === 'server') Y.applyUpdate(doc, update, copy)
    else void save()
  })
  provider.on('status', (name) => {
    if (name === 'connected') {
      isLinked = true
      status.set({ name: 'synced' })
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(copy)), doc)
    } else if (name === 'disconnected') {
      isLinked = false
      ended.resolve()
    }
  })
  provider.on('error', (cause) => {
    error ??= cause
    // The provider connects anew with the copy that it has: what it failed to send would be sent by nobody.
    queueMicrotask(end)
  })
  let wasSynced = false
  function end(): void {
    wasSynced ||= isLinked
    provider.destroy()
    ended.resolve()
  }

  // The provider takes the state of this device from the others when it disconnects: it is still here.
  const state = (): ReturnType<Awareness['getLocalState']> => awareness.getLocalState()
  let local = state()
  const keepState = (): void => void (local = state() ?? local)
  awareness.on('update', keepState)
  doc.on('update', onLocalUpdate)
  signal.addEventListener('abort', end)
  try {
    void provider.connect()
    if (signal.aborted) end()
    await ended.promise
  } finally {
    signal.removeEventListener('abort', end)
    doc.off('update', onLocalUpdate)
    awareness.off('update', keepState)
    end()
    if (!signal.aborted) awareness.setLocalState(local)
  }
  return { error: error ?? new Error('The connection was lost'), wasSynced }
}
