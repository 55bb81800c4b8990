import type { StreamWriter } from './stream-writer.ts'
import type { StreamLog } from './stream-log.ts'
import type { StreamName } from './stream-name.ts'
import type { Principal } from './principal.ts'

/** How many streams are kept in memory, and for how long. */
export interface MemoryLimits {
  /** How many streams. */
  readonly streams: number
  /** How large their rows may be together, in characters of JSON. */
  readonly bytes: number
  /** After how many milliseconds without a write a stream is let go. */
  readonly idle: number
}

/** A stream that is written to. */
export interface OpenStream<User extends Principal> {
  readonly writer: StreamWriter<User>
  readonly log: StreamLog
}

interface Entry<User extends Principal> extends OpenStream<User> {
  usedAt: number
}

/** Keeps the streams that are written to; those that were not for longest are let go. */
export class Streams<User extends Principal> {
  readonly #open: (stream: StreamName) => OpenStream<User>
  readonly #limits: MemoryLimits
  // A Map keeps the order of insertion: the one that was used last is the last.
  readonly #entries = new Map<string, Entry<User>>()

  constructor(open: (stream: StreamName) => OpenStream<User>, limits: MemoryLimits) {
    this.#open = open
    this.#limits = limits
  }

  /** How many are kept. */
  get size(): number {
    return this.#entries.size
  }

  /** Returns a stream, as it is known. */
  use(stream: StreamName): OpenStream<User> {
    const entry = this.#entries.get(stream.name) ?? { ...this.#open(stream), usedAt: 0 }
    entry.usedAt = Date.now()
    this.#entries.delete(stream.name)
    this.#entries.set(stream.name, entry)
    this.letGo(entry)
    return entry
  }

  /** Forgets a stream: it is another one from now on. */
  forget({ name }: StreamName): void {
    this.#entries.delete(name)
  }

  /** There is no such stream: it is let go of first, so that made-up names push none out. */
  noteMissing({ name }: StreamName): void {
    const entry = this.#entries.get(name)
    if (entry !== undefined) entry.usedAt = -Infinity
  }

  /** Lets go of what was not used for long, and of what there is no room for; never of `used`. */
  letGo(used?: OpenStream<User>): void {
    const { streams, bytes, idle } = this.#limits
    const last = Date.now() - idle
    this.#letGoWhere(({ usedAt }) => usedAt <= last, used)
    let size = 0
    for (const { log } of this.#entries.values()) size += log.size
    this.#letGoWhere(({ log }) => {
      if (this.#entries.size <= streams && size <= bytes) return false
      size -= log.size
      return true
    }, used)
  }

  #letGoWhere(isDue: (entry: Entry<User>) => boolean, used: OpenStream<User> | undefined): void {
    for (const [stream, entry] of this.#entries)
      if (entry !== used && entry.writer.isIdle && isDue(entry)) this.#entries.delete(stream)
  }
}
