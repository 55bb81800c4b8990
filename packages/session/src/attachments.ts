import type { CreateStreamDBOptions } from '@streamdb/db'
import { delay, describeUrl, linkSignals, withLinkedSignal } from '@streamdb/log'
import { SessionError } from './errors.ts'
import { toOwnRequest } from './own-request.ts'
import { redactRow } from './redaction.ts'
import type { Redact } from './redaction.ts'
import type { Attachment, Json, Participant } from './rows.ts'
import { attachmentUrl } from './attachment-url.ts'
import { servedType } from './media-types.ts'
import { bodyOf, join } from './response-bytes.ts'
import type { SessionDB } from './session-db.ts'
import { shortId } from './short-id.ts'
import { settled } from './writing.ts'

/** Where attachments are, and who uploads them. */
export interface AttachmentContext {
  readonly db: SessionDB
  readonly me: Participant
  readonly redact: Redact | undefined
  readonly streamOptions: NonNullable<CreateStreamDBOptions['streamOptions']>
  readonly closing: AbortController
}

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
  /** How many bytes are there already: those that follow are read. */
  readonly from?: number | undefined
  /** Told of how many bytes are there, of how many. */
  readonly onProgress?: ((read: number, size: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const chunkSize = 256 * 1024
/** How often a download that breaks off goes on by itself, without a byte between. */
const mostBreaks = 3
const breakPause = 250

/** Binary streams beside a session's log, each with a manifest row: what is large is not in the log. */
export class Attachments {
  readonly #session: AttachmentContext
  /** Results of tools that were read or written here: whoever asks for messages gets them at once. */
  readonly #json = new Map<string, Json>()
  readonly #reading = new Map<string, Promise<Json>>()

  constructor(session: AttachmentContext) {
    this.#session = session
  }

  /**
   * Stores bytes as a stream of their own; resolves with its manifest row when all are stored. A part names it:
   * `session.send({ attachment: id, mediaType, name, size })`. Rejects with `request-failed`; a later call with
   * `resume` goes on.
   */
  async upload(source: AttachmentSource, options: UploadOptions): Promise<Attachment> {
    const { db, me, streamOptions } = this.#session
    const { attachments } = db.collections
    const blob = source instanceof Blob ? source : new Blob([source as BlobPart]) // bytes, however they are kept
    const mediaType = options.mediaType ?? (blob.type || 'application/octet-stream')
    const id = options.resume ?? shortId()
    const known = attachments.get(id)
    const url = attachmentUrl(String(streamOptions.url), known?.url ?? ownPath(id))
    const type = servedType(mediaType)
    const row = this.#redacted({
      ...{ id, name: options.name, mediaType, size: blob.size, url: known?.url ?? ownPath(id) },
      state: 'uploading',
      by: me.id,
    })
    if (known === undefined) await settled(db.transact(() => void attachments.insert(row)))
    await this.#send(
      url,
      { method: 'PUT', headers: { 'content-type': type } },
      options.signal,
      [200, 201, 204],
    )
    for (let seq = 0, stored = 0; stored < blob.size; seq++) {
      const chunk = blob.slice(stored, stored + chunkSize)
      // The same chunk under the same number is stored once: an upload that is resumed begins anew, and sends nothing twice.
      const headers = {
        'content-type': type,
        'Producer-Id': id,
        'Producer-Epoch': '0',
        'Producer-Seq': String(seq),
      }
      await this.#send(url, { method: 'POST', headers, body: await chunk.arrayBuffer() }, options.signal)
      stored += chunk.size
      options.onProgress?.(stored, blob.size)
    }
    await this.#send(url, { method: 'POST', headers: { 'Stream-Closed': 'true' } }, options.signal)
    await settled(
      db.transact(
        () => void attachments.update(id, (draft) => void Object.assign(draft, { state: 'ready' })),
      ),
    )
    return { ...row, state: 'ready' }
  }

  /**
   * Deletes an attachment: its row, and its bytes where this session has stored them; those that a fork has from its source stay.
   * Does nothing where there is none. Rejects with `request-failed`.
   */
  async remove(id: string): Promise<void> {
    const { db } = this.#session
    const { attachments } = db.collections
    const row = attachments.get(id)
    if (row === undefined) return
    const isOwn = row.url === ownPath(id)
    if (isOwn) await this.#send(this.url(id), { method: 'DELETE' }, undefined, [404, 410])
    this.#json.delete(id)
    await settled(db.transact(() => void attachments.delete(id)))
  }

  /** Returns where the bytes are. Throws `not-found`. */
  url(id: string): string {
    return attachmentUrl(String(this.#session.streamOptions.url), this.#row(id).url)
  }

  /**
   * Reads the bytes of an attachment, from the first on or from where an earlier download stopped. One that breaks off goes on by
   * itself. Rejects with `not-found` and `request-failed`.
   */
  async read(id: string, { from = 0, onProgress, signal }: DownloadOptions = {}): Promise<Uint8Array> {
    const { size, state } = this.#row(id)
    const chunks: Uint8Array[] = []
    const expected = state === 'ready' ? size : 0
    const download = { url: this.url(id), size: expected, offset: '-1', before: 0, read: 0, isEnd: false }
    for (let breaks = 0; !download.isEnd;) {
      const read = download.read
      const aborting = linkSignals([signal, this.#session.closing.signal])
      try {
        for await (const bytes of this.#response(download, aborting.signal)) {
          const wanted = bytes.subarray(Math.max(0, from - (download.read - bytes.length)))
          if (wanted.length === 0) continue
          chunks.push(wanted)
          onProgress?.(download.read, size)
        }
        breaks = 0
      } catch (error) {
        breaks = download.read > read ? 1 : breaks + 1
        const isRefused = error instanceof SessionError && error.status !== undefined
        if (isRefused || breaks > mostBreaks || this.#session.closing.signal.aborted) throw error
        signal?.throwIfAborted()
        await delay(breaks * breakPause, this.#session.closing.signal)
      } finally {
        aborting.unlink()
      }
    }
    return join(chunks)
  }

  /** Stores a value as JSON, as `upload` does bytes. */
  async uploadJson(value: Json, name: string, signal?: AbortSignal): Promise<Attachment> {
    const bytes = new TextEncoder().encode(JSON.stringify(value))
    const attachment = await this.upload(bytes, { name, mediaType: 'application/json', signal })
    this.#json.set(attachment.id, value)
    return attachment
  }

  /** Reads bytes that are JSON: the result of a tool that is too large for the log. It is read once. */
  async readJson(id: string, options?: Pick<DownloadOptions, 'onProgress' | 'signal'>): Promise<Json> {
    if (this.#json.has(id)) return this.#json.get(id)
    const known = this.#reading.get(id)
    // A download that somebody may abort, or watches, is their own.
    if (known !== undefined && options === undefined) return known
    const reading = this.read(id, options).then((bytes) => {
      const value = JSON.parse(new TextDecoder().decode(bytes)) as Json
      this.#json.set(id, value)
      return value
    })
    if (options === undefined) {
      this.#reading.set(id, reading)
      void reading.catch(() => undefined).then(() => this.#reading.delete(id))
    }
    return reading
  }

  /** Returns what `readJson` has read, if it has. */
  knownJson(id: string): { readonly value: Json } | undefined {
    return this.#json.has(id) ? { value: this.#json.get(id) } : undefined
  }

  /** Reads one answer of the server, behind what was read of it before it broke off. */
  async *#response(download: Download, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const target = new URL(download.url)
    target.searchParams.set('offset', download.offset)
    const response = await this.#request(target.href, { method: 'GET' }, signal)
    let at = download.before
    for await (const bytes of bodyOf(response)) {
      const isRead = Math.max(0, download.read - at)
      at += bytes.length
      if (isRead >= bytes.length) continue
      download.read = at
      yield bytes.subarray(isRead)
    }
    const next = response.headers.get('stream-next-offset')
    const isEnd =
      response.headers.has('stream-closed') ||
      response.headers.has('stream-up-to-date') ||
      next === null ||
      next === download.offset
    // A compressed body that is cut may end as if it were whole.
    if (isEnd && at < download.size) {
      throw new SessionError(
        'request-failed',
        `${describeUrl(download.url)} ended after ${at} of ${download.size} bytes`,
      )
    }
    download.isEnd = isEnd
    download.offset = next ?? download.offset
    download.before = at
  }

  #redacted(row: Attachment): Attachment {
    return redactRow(this.#session.redact, 'attachment', row.id, row)
  }

  #row(id: string): Attachment {
    const attachment = this.#session.db.collections.attachments.get(id)
    if (attachment !== undefined) return attachment
    throw new SessionError('not-found', `There is no attachment "${id}" in this session`)
  }

  /** Sends a request whose answer has no body that is read. */
  #send(
    url: string,
    init: RequestInit,
    signal?: AbortSignal,
    allowed?: readonly number[],
  ): Promise<Response> {
    return withLinkedSignal([signal, this.#session.closing.signal], (linked) =>
      this.#request(url, init, linked, allowed),
    )
  }

  async #request(
    url: string,
    init: RequestInit,
    signal: AbortSignal,
    allowed?: readonly number[],
  ): Promise<Response> {
    const { streamOptions } = this.#session
    const send = streamOptions.fetch ?? fetch
    const own = await toOwnRequest(url, streamOptions)
    if (!own.isOwn && init.method !== 'GET') {
      const what = `${init.method} ${describeUrl(url)} is not sent: the row of the attachment names another server than the session's`
      throw new SessionError('request-failed', what)
    }
    const headers = { ...own.headers, ...(init.headers as Record<string, string>) } // as they are given above
    const response = await send(own.url, { ...init, headers, signal }).catch((cause: unknown) => {
      signal.throwIfAborted()
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
      `${init.method} ${describeUrl(url)} was answered with ${status}: ${(await response.text()).slice(0, 300)}`,
      { status },
    )
  }
}

/** Where the bytes of an attachment are that a session stores, from its URL on. */
function ownPath(id: string): string {
  return `files/${id}`
}

/** How far a download is: what was read, and what lies before the answer that is being read. */
interface Download {
  readonly url: string
  /** How many bytes there are at least. */
  readonly size: number
  offset: string
  before: number
  read: number
  isEnd: boolean
}
