import { readState, snapshotIndexUrl, StreamDBError } from '@streamdb/log'
import { createCompactor } from '@streamdb/server'
import type { Compactor } from '@streamdb/server'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { StreamAccess } from './stream-writer.ts'

/** What the file says: the stream that is written, and those that are to be deleted. */
const kept = z.object({ stream: z.string(), old: z.array(z.string()) })
type Kept = z.output<typeof kept>

/** What an entry of an index of snapshots says of one. */
const entryOf = z.object({ value: z.object({ url: z.string() }) })

export interface GenerationsOptions extends StreamAccess {
  /** The file that keeps the names of the streams. */
  readonly file: string
  /** For how many milliseconds a stream stays when another one follows it: pages are reading it. */
  readonly grace: number
  /** A snapshot is made where so many events were appended since the last one. */
  readonly minEvents: number
}

/**
 * The streams that hold the changes, one after the other. A log only grows; so when it is too large the rows are written into
 * a new stream, and the old one is deleted once pages had time to follow.
 *
 * The file names a stream before it exists, and an old one until it is gone: a process that ends anywhere leaves nothing behind.
 */
export class Generations {
  readonly #options: GenerationsOptions
  #kept: Kept
  #compactor: Compactor | undefined

  private constructor(options: GenerationsOptions, content: Kept) {
    this.#options = options
    this.#kept = content
  }

  /** Opens the stream of the last run, or creates the first one; deletes what the last run left. */
  static async open(options: GenerationsOptions): Promise<Generations> {
    await mkdir(dirname(options.file), { recursive: true })
    const text = await readFile(options.file, 'utf8').catch(() => undefined)
    const generations = new Generations(
      options,
      text === undefined ? { stream: newName(), old: [] } : kept.parse(JSON.parse(text)),
    )
    await generations.#save()
    await generations.#create(generations.path)
    await generations.deleteOld()
    generations.#compact()
    return generations
  }

  /** The path of the stream that is written. */
  get path(): string {
    return this.#kept.stream
  }

  /**
   * Creates the next stream, lets `write` put the rows into it, and makes it the one that is written. Returns the path of
   * the one before.
   */
  async begin(write: (path: string) => Promise<void>): Promise<string> {
    const next = newName()
    const before = this.path
    this.#kept = { ...this.#kept, old: [...this.#kept.old, next] }
    await this.#save()
    await this.#create(next)
    await write(next)
    await this.#compactor?.close()
    const old = [...this.#kept.old.filter((path) => path !== next), before]
    this.#kept = { stream: next, old }
    await this.#save()
    this.#compact()
    return before
  }

  /** Deletes the streams before the one that is written. */
  async deleteOld(): Promise<void> {
    for (const path of this.#kept.old) {
      for (const url of await this.#snapshotsOf(path)) await this.#send('DELETE', url)
      await this.#send('DELETE', snapshotIndexUrl(this.#options.urlOf(path)))
      await this.#send('DELETE', this.#options.urlOf(path))
      this.#kept = { ...this.#kept, old: this.#kept.old.filter((each) => each !== path) }
      await this.#save()
    }
  }

  async close(): Promise<void> {
    await this.#compactor?.close()
  }

  #compact(): void {
    const { urlOf, fetch, minEvents } = this.#options
    const source = { url: urlOf(this.path), fetch }
    this.#compactor = createCompactor({ source, every: 5_000, minEvents, keep: 1, grace: 60_000 })
  }

  /** With an index of its snapshots, which is empty at first: pages ask for it, and a browser reports what is missing. */
  async #create(path: string): Promise<void> {
    const url = this.#options.urlOf(path)
    for (const each of [url, snapshotIndexUrl(url)]) await this.#send('PUT', each)
  }

  async #snapshotsOf(path: string): Promise<string[]> {
    const index = snapshotIndexUrl(this.#options.urlOf(path))
    const urls = new Set<string>()
    try {
      for await (const read of readState({ url: index, fetch: this.#options.fetch })) {
        const entry = read.type === 'event' ? entryOf.safeParse(read.event) : undefined
        if (entry?.success === true) urls.add(new URL(entry.data.value.url, index).href)
      }
    } catch (error) {
      if (!(error instanceof StreamDBError) || error.code !== 'stream-not-found') throw error
    }
    return [...urls].flatMap((url) => [url, `${url}.few`])
  }

  async #send(method: 'PUT' | 'DELETE', url: string): Promise<void> {
    const response = await this.#options.fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
    })
    await response.body?.cancel()
    // What is gone already may be deleted.
    if (!response.ok && response.status !== 404)
      throw new Error(`${method} ${url} was answered ${response.status}`)
  }

  async #save(): Promise<void> {
    const { file } = this.#options
    await writeFile(`${file}.part`, JSON.stringify(this.#kept))
    await rename(`${file}.part`, file)
  }
}

function newName(): string {
  return `/stream/changes-${crypto.randomUUID()}`
}
