import { Listeners } from '@streamdb/log'
import type { Attachment } from '../rows.ts'
import type { AnySession } from './any-session.ts'

/** How far the upload of a file is: `stored` is in bytes. */
export type UploadState =
  | { readonly name: 'uploading'; readonly stored: number }
  | { readonly name: 'ready'; readonly attachment: Attachment }
  | { readonly name: 'failed'; readonly error: Error }

interface Upload {
  readonly file: Blob
  readonly name: string
  readonly abort: AbortController
  readonly done: Promise<Attachment>
  state: UploadState
}

/** Uploads the files of a draft, from the moment on at which they are added. */
export class DraftUploads {
  readonly #session: AnySession
  readonly #listeners = new Listeners()
  readonly #uploads = new Map<string, Upload>()

  constructor(session: AnySession) {
    this.#session = session
  }

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  get(id: string): UploadState | undefined {
    return this.#uploads.get(id)?.state
  }

  /** Resolves when a file is stored; rejects where that failed. `undefined` for one that is not uploaded here. */
  done(id: string): Promise<Attachment> | undefined {
    return this.#uploads.get(id)?.done
  }

  start(id: string, file: Blob, name: string): void {
    const abort = new AbortController()
    const done = this.#session.attachments.upload(file, {
      ...{ name, resume: id, signal: abort.signal },
      ...(file.type === '' ? {} : { mediaType: file.type }),
      onProgress: (stored) => this.#set(id, { name: 'uploading', stored }),
    })
    this.#uploads.set(id, { file, name, abort, done, state: { name: 'uploading', stored: 0 } })
    done.then(
      (attachment) => this.#set(id, { name: 'ready', attachment }),
      (error: unknown) => {
        if (!abort.signal.aborted) this.#set(id, { name: 'failed', error: toError(error) })
      },
    )
  }

  /** Goes on with an upload that failed. */
  retry(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload?.state.name !== 'failed') return
    this.start(id, upload.file, upload.name)
    this.#listeners.notify()
  }

  /** Keeps a file no longer in memory: it was sent. */
  stop(id: string): void {
    this.#uploads.get(id)?.abort.abort()
    this.#uploads.delete(id)
  }

  /** Gives up a file: what is stored of it is deleted, unless a message has it. Best effort, and never rejects. */
  async discard(id: string): Promise<void> {
    const upload = this.#uploads.get(id)
    this.stop(id)
    await upload?.done.catch(() => undefined)
    const { attachments, collections, db, me } = this.#session
    const isOwn = upload !== undefined || collections.attachments.get(id)?.by === me.id
    const isNamed = [...collections.parts.values()].some(({ attachment }) => attachment === id)
    // Of a long session some messages may not have been read.
    const isUnknown = upload === undefined && (db.older.remaining ?? 0) > 0
    if (isOwn && !isNamed && !isUnknown && db.status.name !== 'closed')
      await attachments.remove(id).catch(() => undefined)
  }

  #set(id: string, state: UploadState): void {
    const upload = this.#uploads.get(id)
    if (upload === undefined) return
    upload.state = state
    this.#listeners.notify()
  }
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
