import { describeUrl, openStream } from '@streamdb/log'
import { SessionError } from './errors.ts'
import type { Attachment } from './rows.ts'
import { below } from './stream-url.ts'
import type { SessionParts } from './session-parts.ts'
import { shortId } from './short-id.ts'
import { settled } from './writing.ts'

/** What is uploaded. */
export type AttachmentSource = Blob | Uint8Array | ArrayBuffer

/** How it is uploaded. */
export interface UploadOptions {
  readonly name: string
  readonly mediaType?: string | undefined
  /** The id of an upload that broke off: it goes on where it stopped, given the same bytes. */
  readonly resume?: string | undefined
  /** Told of how many bytes are stored. */
  readonly onProgress?: ((stored: number, size: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** How it is read. */
export interface DownloadOptions {
  readonly onProgress?: ((read: number, size: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const chunkSize = 256 * 1024

/** Binary streams beside a session's log, each with a manifest row: what is large is not in the log. */
export class Attachments {
  readonly #session: SessionParts

  constructor(session: SessionParts) {
    this.#session = session
  }

  /**
   * Stores bytes as a stream of their own; resolves with its manifest row when all are stored. A part names it:
   * `session.send({ attachment: id, url, mediaType, name, size })`. Rejects with `request-failed`; a later call with
   * `resume` goes on.
   */
  async upload(source: AttachmentSource, options: UploadOptions): Promise<Attachment> {
    const { db, me, streamOptions } = this.#session
    const { attachments } = db.collections
    const blob = source instanceof Blob ? source : new Blob([source as BlobPart]) // bytes, however they are kept
    const mediaType = options.mediaType ?? (blob.type || 'application/octet-stream')
    const id = options.resume ?? shortId()
    const url = attachments.get(id)?.url ?? below(String(streamOptions.url), `files/${id}`)
    const row: Attachment = {
      ...{ id, name: options.name, mediaType, size: blob.size, url },
      state: 'uploading',
      by: me.id,
    }
    if (!attachments.has(id)) await settled(db.transact(() => void attachments.insert(row)))
    await this.#request(
      url,
      { method: 'PUT', headers: { 'content-type': mediaType } },
      options.signal,
      [200, 201, 204],
    )
    for (let seq = 0, stored = 0; stored < blob.size; seq++) {
      const chunk = blob.slice(stored, stored + chunkSize)
      // The same chunk under the same number is stored once: an upload that is resumed begins anew, and sends nothing twice.
      const headers = {
        'content-type': mediaType,
        'Producer-Id': id,
        'Producer-Epoch': '0',
        'Producer-Seq': String(seq),
      }
      await this.#request(url, { method: 'POST', headers, body: await chunk.arrayBuffer() }, options.signal)
      stored += chunk.size
      options.onProgress?.(stored, blob.size)
    }
    await this.#request(url, { method: 'POST', headers: { 'Stream-Closed': 'true' } }, options.signal)
    await settled(
      db.transact(
        () => void attachments.update(id, (draft) => void Object.assign(draft, { state: 'ready' })),
      ),
    )
    return { ...row, state: 'ready' }
  }

  /** Reads all bytes of an attachment. Rejects with `not-found` and `request-failed`. */
  async read(id: string, options: DownloadOptions = {}): Promise<Uint8Array> {
    const attachment = this.#session.db.collections.attachments.get(id)
    if (attachment === undefined)
      throw new SessionError('not-found', `There is no attachment "${id}" in this session`)
    const { url, size } = attachment
    const chunks: Uint8Array[] = []
    let length = 0
    for (let offset = '-1'; ;) {
      const target = new URL(url)
      target.searchParams.set('offset', offset)
      const response = await this.#request(target.href, { method: 'GET' }, options.signal)
      const bytes = new Uint8Array(await response.arrayBuffer())
      chunks.push(bytes)
      length += bytes.length
      options.onProgress?.(length, size)
      const next = response.headers.get('stream-next-offset')
      const isEnd = response.headers.has('stream-closed') || response.headers.has('stream-up-to-date')
      if (isEnd || next === null || next === offset) return join(chunks, length)
      offset = next
    }
  }

  async #request(
    url: string,
    init: RequestInit,
    signal?: AbortSignal,
    allowed?: readonly number[],
  ): Promise<Response> {
    const { streamOptions, closing } = this.#session
    const send = streamOptions.fetch ?? fetch
    const headers = {
      ...(await openStream(streamOptions).stream.resolveHeaders()),
      ...(init.headers as Record<string, string>),
    } // as they are given above
    const aborting = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
    const response = await send(url, { ...init, headers, signal: aborting }).catch((cause: unknown) => {
      aborting.throwIfAborted()
      throw new SessionError(
        'request-failed',
        `${init.method} ${describeUrl(url)} failed: ${String(cause)}`,
        { cause },
      )
    })
    if (response.ok || allowed?.includes(response.status) === true) return response
    const { status } = response
    throw new SessionError(
      'request-failed',
      `${init.method} ${describeUrl(url)} was answered with ${status}: ${await response.text()}`,
      { status },
    )
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
