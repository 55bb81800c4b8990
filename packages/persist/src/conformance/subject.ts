import type { OpenStore, StoredChange, StoredRow, StreamStore } from '@streamdb/log'
import type { MakeStore } from './store-check.ts'

/** Which stream, and who opens it again. */
export interface SubjectOptions {
  readonly id?: string | undefined
  readonly again?: MakeStore | undefined
}

/** One stream of a store, and what a check does with it. */
export class Subject {
  opened: OpenStore
  epoch: number
  readonly #open: () => Promise<OpenStore>
  #offset = 0

  private constructor(open: () => Promise<OpenStore>, opened: OpenStore, epoch: number) {
    this.#open = open
    this.opened = opened
    this.epoch = epoch
  }

  static async open(
    store: StreamStore,
    { id = 'a stream', again = () => store }: SubjectOptions = {},
  ): Promise<Subject> {
    const opened = await store.open(id)
    return new Subject(() => again().open(id), opened, await opened.claim())
  }

  /** Saves changes at the next offset. */
  async save(
    changes: Iterable<StoredChange>,
    options: {
      readonly replaces?: boolean
      readonly epoch?: number
      readonly txids?: readonly string[]
    } = {},
  ): Promise<void> {
    const { replaces = false, epoch = this.epoch, txids = [] } = options
    const checkpoint = { offset: String(++this.#offset) }
    const head = { checkpoint, identity: { id: 'one' }, version: 1, types: ['user', 'message'] }
    await this.opened.save({ head, replaces, changes, txids }, epoch)
  }

  /** Closes and opens it again, as the next page does. */
  async reopen(): Promise<void> {
    this.opened.close()
    this.opened = await this.#open()
    this.epoch = await this.opened.claim()
  }

  async rows(opened: OpenStore = this.opened): Promise<StoredRow[] | undefined> {
    const content = await opened.load()
    if (content === undefined) return undefined
    const rows: StoredRow[] = []
    for await (const chunk of content.rows) rows.push(...chunk)
    return rows
  }
}

/** A user's row. */
export function user(key: string, name: unknown = key): StoredRow {
  return ['user', key, { id: key, name }]
}

/** A message's row. */
export function message(key: string, text: unknown = key): StoredRow {
  return ['message', key, { id: key, text }]
}

export function users(from: number, to: number, name?: unknown): StoredRow[] {
  return Array.from({ length: to - from }, (_, index) =>
    user(`u${from + index}`, name ?? `user ${from + index}`),
  )
}
