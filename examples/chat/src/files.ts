import {
  createFetchWithBackoff,
  DurableStream,
  FetchError,
  IdempotentProducer,
  stream,
} from '@durable-streams/client'
import { Store } from '@streamdb/example-shared/page'
import { safeRandomUUID } from '@streamdb/react'
import type { Attachment } from './state.ts'

/** How far a file is. */
export type FileState =
  | { readonly name: 'loading'; readonly progress: number }
  | { readonly name: 'ready'; readonly url: string }
  | { readonly name: 'failed'; readonly error: Error }

/** Says that a file could not be stored, and why. */
export class UploadError extends Error {
  override readonly name = 'UploadError'
}

/** So much goes in one request, in bytes: small enough to see it move, and to lose little with a connection. */
const piece = 128 * 1024

/** A room's files: each is a binary stream of its own, written piece by piece and then closed. */
export class Files {
  readonly #origin: string
  readonly #fetch: typeof globalThis.fetch
  readonly #files = new Map<string, Store<FileState>>()

  constructor(origin: string, fetch: typeof globalThis.fetch) {
    this.#origin = origin
    this.#fetch = fetch
  }

  /** Shows a file at once to the one who has it, at `url`. */
  keep(id: string, url: string): void {
    this.#files.set(id, new Store<FileState>({ name: 'ready', url }))
  }

  /** Returns a file as it is read; reading begins with the first who asks. */
  open(attachment: Attachment): Store<FileState> {
    const known = this.#files.get(attachment.id)
    if (known !== undefined) return known
    const state = new Store<FileState>({ name: 'loading', progress: 0 })
    this.#files.set(attachment.id, state)
    void this.#read(attachment, state)
    return state
  }

  /** Reads again what could not be read. */
  retry(attachment: Attachment): void {
    const state = this.open(attachment)
    if (state.get().name === 'failed') void this.#read(attachment, state)
  }

  /**
   * Stores a file; `onProgress` is told how much of it is stored, from 0 to 1.
   *
   * A broken connection is waited out, and a piece that was sent twice is stored once. Rejects with `UploadError` when
   * the server refuses, and when `signal` is aborted.
   */
  async upload(
    id: string,
    file: Blob,
    onProgress: (progress: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const fetch = createFetchWithBackoff(this.#fetch, { initialDelay: 100, maxDelay: 2_000, multiplier: 1.5 })
    const options = { url: this.#urlOf(id), contentType: file.type, warnOnHttp: false, signal }
    try {
      const target = await DurableStream.create({ ...options, fetch: this.#fetch })
      const failures: Error[] = []
      const producer = new IdempotentProducer(target, safeRandomUUID(), {
        ...{ fetch, signal, maxInFlight: 1, maxBatchBytes: Infinity },
        onError: (error) => void failures.push(error),
      })
      for (let start = 0; start < file.size; start += piece) {
        producer.append(new Uint8Array(await file.slice(start, start + piece).arrayBuffer()))
        await producer.flush()
        if (failures[0] !== undefined) throw failures[0]
        onProgress(Math.min(1, (start + piece) / file.size))
      }
      await producer.close()
    } catch (cause) {
      throw new UploadError(`The picture could not be stored: ${wordsOf(cause)}`, { cause })
    }
  }

  /** Never rejects: what goes wrong is the file's state. */
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
      for await (const part of readerOf(response.bodyStream())) {
        parts.push(new Uint8Array(part))
        read += part.length
        state.set({ name: 'loading', progress: Math.min(1, read / size) })
      }
      if (read !== size) throw new Error(`expected ${size} bytes but received ${read}`)
      const file = new Blob(parts, { type: response.contentType ?? '' })
      state.set({ name: 'ready', url: URL.createObjectURL(file) })
    } catch (cause) {
      state.set({
        name: 'failed',
        error: new Error(`The picture could not be read: ${wordsOf(cause)}`, { cause }),
      })
    }
  }

  #urlOf(id: string): string {
    return `${this.#origin}/stream/files/${id}`
  }
}

/** Not every browser iterates a stream. */
async function* readerOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof FetchError) return `the server answered ${error.status}. ${error.text ?? ''}`
  return error instanceof Error ? error.message : String(error)
}
