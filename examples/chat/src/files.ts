import {
  createFetchWithBackoff,
  DurableStream,
  FetchError,
  IdempotentProducer,
  stream,
} from '@durable-streams/client'
import { Store } from '@streamdb/example-shared/page'
import { safeRandomUUID } from '@streamdb/react'
import type { FileLimits } from './description.ts'
import type { Attachment } from './state.ts'

/** The state of a file that is being read. */
export type FileState =
  | { readonly name: 'loading'; readonly progress: number }
  | { readonly name: 'ready'; readonly url: string }
  | { readonly name: 'failed'; readonly error: Error }

/** A file could not be stored; the message says why, for a person. */
export class UploadError extends Error {
  override readonly name = 'UploadError'
}

/** The bytes of one request: few enough for a moving progress bar, and to lose little with a connection. */
const pieceBytes = 128 * 1024

export interface FilesOptions {
  readonly origin: string
  readonly fetch: typeof globalThis.fetch
  /** Says who writes, for each request. */
  readonly authorization: () => Promise<string>
  readonly limits: FileLimits
}

/** A room's files: each is a binary stream, written piece by piece and then closed. */
export class Files {
  readonly #origin: string
  readonly #fetch: typeof globalThis.fetch
  readonly #authorization: () => Promise<string>
  readonly #limits: FileLimits
  readonly #files = new Map<string, Store<FileState>>()

  constructor({ origin, fetch, authorization, limits }: FilesOptions) {
    this.#origin = origin
    this.#fetch = fetch
    this.#authorization = authorization
    this.#limits = limits
  }

  /** Registers a file that this window has already, at `url`. */
  keep(id: string, url: string): void {
    this.#files.set(id, new Store<FileState>({ name: 'ready', url }))
  }

  /** Returns the state of a file; the first call starts to read it. */
  open(attachment: Attachment): Store<FileState> {
    const known = this.#files.get(attachment.id)
    if (known !== undefined) return known
    const state = new Store<FileState>({ name: 'loading', progress: 0 })
    this.#files.set(attachment.id, state)
    void this.#read(attachment, state)
    return state
  }

  /** Reads a file again that could not be read. */
  retry(attachment: Attachment): void {
    const state = this.open(attachment)
    if (state.get().name === 'failed') void this.#read(attachment, state)
  }

  /**
   * Stores a file; calls `onProgress` with the stored part, from 0 to 1.
   *
   * Retries while the connection is broken, and stores a piece that was sent twice once. Rejects with `UploadError`
   * when the server refuses, and when `signal` is aborted.
   */
  async upload(
    id: string,
    file: Blob,
    onProgress: (progress: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const fetch = createFetchWithBackoff(this.#fetch, { initialDelay: 100, maxDelay: 2_000, multiplier: 1.5 })
    const headers = { authorization: this.#authorization }
    const options = { url: this.#urlOf(id), contentType: file.type, warnOnHttp: false, headers, signal }
    try {
      const target = await DurableStream.create({ ...options, fetch: this.#fetch })
      const failures: Error[] = []
      const producer = new IdempotentProducer(target, safeRandomUUID(), {
        ...{ fetch, signal, maxInFlight: 1, maxBatchBytes: Infinity },
        onError: (error) => void failures.push(error),
      })
      for (let start = 0; start < file.size; start += pieceBytes) {
        producer.append(new Uint8Array(await file.slice(start, start + pieceBytes).arrayBuffer()))
        await producer.flush()
        if (failures[0] !== undefined) throw failures[0]
        onProgress(Math.min(1, (start + pieceBytes) / file.size))
      }
      await producer.close()
    } catch (cause) {
      throw new UploadError(`The picture could not be stored: ${messageOf(cause)}`, { cause })
    }
  }

  /** Never rejects: a failure becomes the file's state. */
  async #read({ id, size }: Attachment, state: Store<FileState>): Promise<void> {
    state.set({ name: 'loading', progress: 0 })
    try {
      const backoffOptions = { initialDelay: 100, maxDelay: 2_000, multiplier: 1.5, maxRetries: 5 }
      const url = this.#urlOf(id)
      const response = await stream({
        url,
        fetch: this.#fetch,
        live: false,
        warnOnHttp: false,
        backoffOptions,
      })
      const parts: Uint8Array<ArrayBuffer>[] = []
      let read = 0
      for await (const part of chunksOf(response.bodyStream())) {
        parts.push(new Uint8Array(part))
        read += part.length
        if (read > this.#limits.maxBytes) throw new Error(`it has more than ${this.#limits.maxBytes} bytes`)
        state.set({ name: 'loading', progress: Math.min(1, read / size) })
      }
      if (read !== size) throw new Error(`expected ${size} bytes but received ${read}`)
      const file = new Blob(parts, { type: this.#safeType(response.contentType) })
      state.set({ name: 'ready', url: URL.createObjectURL(file) })
    } catch (cause) {
      state.set({
        name: 'failed',
        error: new Error(`The picture could not be read: ${messageOf(cause)}`, { cause }),
      })
    }
  }

  /** A page's own address shows the file: as any other type it could be a page that runs scripts. */
  #safeType(type: string | undefined): string {
    return this.#limits.types.find((each) => each === type) ?? 'application/octet-stream'
  }

  #urlOf(id: string): string {
    return `${this.#origin}/stream/files/${id}`
  }
}

/** Iterates a stream in browsers that cannot do it themselves. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

function messageOf(error: unknown): string {
  if (error instanceof FetchError) return `the server answered ${error.status}. ${error.text ?? ''}`
  return error instanceof Error ? error.message : String(error)
}
