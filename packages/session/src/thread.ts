import { isWithin, limitsOf, mainBranch } from './branches.ts'
import { Listeners } from '@streamdb/log'
import type { LogOrder } from './log-order.ts'
import type { Message, Part } from './rows.ts'
import type { SessionDB } from './session-db.ts'

/** A message with its parts; the same object until one of them changes. The texts of parts that stream are not in it. */
export interface MessageView {
  readonly message: Message
  readonly parts: readonly Part[]
  /** It was written here and is not confirmed yet. */
  readonly isPending: boolean
}

/** How many messages are read at once where one is looked for. */
const untilStep = 500

/** Joins messages with their parts, in the order of the log, own unconfirmed writes included (SPEC A3). */
export class Thread {
  readonly #db: SessionDB
  readonly #order: LogOrder
  readonly #listeners = new Listeners()
  readonly #partsOf = new Map<string, Set<string>>()
  readonly #messageOf = new Map<string, string>()
  readonly #views = new Map<string, MessageView>()
  readonly #subscriptions: readonly { unsubscribe(): void }[]
  readonly #stopOlder: () => void
  #sorted: { readonly ids: readonly string[]; readonly firstPlace: number } | undefined
  #firsts: ReadonlyMap<string, string> | undefined
  #version = 0

  constructor(db: SessionDB, order: LogOrder) {
    this.#db = db
    this.#order = order
    const { messages, parts, branches } = db.collections
    const options = { includeInitialState: true }
    this.#subscriptions = [
      parts.subscribeChanges((changes) => {
        for (const { key } of changes) this.#onPart(String(key))
        this.#changed()
      }, options),
      messages.subscribeChanges((changes) => {
        for (const { key } of changes) this.#views.delete(String(key))
        this.#sorted = undefined
        this.#firsts = undefined
        this.#changed()
      }, options),
      branches.subscribeChanges(() => this.#changed(), options),
    ]
    this.#stopOlder = db.readables.older.subscribe(() => this.#changed())
  }

  /** Counts the changes. */
  get version(): number {
    return this.#version
  }

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Returns a message with its parts. */
  view(id: string): MessageView | undefined {
    const known = this.#views.get(id)
    if (known !== undefined) return known
    const message = this.#db.collections.messages.get(id)
    if (message === undefined) return undefined
    const view: MessageView = { message, parts: this.parts(id), isPending: isPending(message) }
    this.#views.set(id, view)
    return view
  }

  /** Returns the parts of a message, in their order. */
  parts(message: string): readonly Part[] {
    const { parts } = this.#db.collections
    return [...(this.#partsOf.get(message) ?? [])]
      .map((id) => parts.get(id))
      .filter((part) => part !== undefined)
      .sort((a, b) => a.index - b.index)
  }

  /** Returns the ids of all messages, whatever their branch, in the order of the log. */
  all(): readonly string[] {
    return this.#inOrder()
  }

  /** Returns the ids of the messages that a branch shows, in the order of the log. */
  messagesOf(branch: string = mainBranch): readonly string[] {
    const { branches, messages } = this.#db.collections
    const placeOf = (message: string): number =>
      // What is not read yet lies before all that is.
      this.#order.hasOlder && !messages.has(message) ? -Infinity : this.#order.of('message', message)
    const limits = limitsOf(branch, { getBranch: (id) => branches.get(id), placeOf })
    return this.#inOrder().filter((id) => {
      const message = messages.get(id)
      return message !== undefined && isWithin(limits, message, placeOf(id))
    })
  }

  /** Whether the log has messages before all that was read. */
  get hasOlder(): boolean {
    return this.#order.hasOlder
  }

  /** Reads about so many messages more; resolves with whether there were any. Rejects as `loadOlder` of the database does. */
  async loadOlder(rows: number): Promise<boolean> {
    if (!this.hasOlder) return false
    const before = this.#order.firstPlace
    const { remaining } = await this.#db.loadOlder({ rows })
    return remaining > 0 || this.#order.firstPlace !== before
  }

  /** Reads messages until this one is there; resolves with whether it is. */
  async loadUntil(message: string): Promise<boolean> {
    const { messages } = this.#db.collections
    const isRead = (): boolean => messages.has(message) && this.#order.of('message', message) !== -Infinity
    while (!isRead() && (await this.loadOlder(untilStep)));
    return isRead()
  }

  /** Reads all that is left. */
  async loadAll(): Promise<void> {
    while (await this.loadOlder(Number.MAX_SAFE_INTEGER));
  }

  /** Returns the first message that a branch has of its own: it stands at the place of the one that the branch replaces. */
  firstOf(branch: string): string | undefined {
    this.#firsts ??= this.#findFirsts()
    return this.#firsts.get(branch)
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.#stopOlder()
    this.#listeners.clear()
  }

  #inOrder(): readonly string[] {
    const { firstPlace } = this.#order
    if (this.#sorted?.firstPlace === firstPlace) return this.#sorted.ids
    const placed = [...this.#db.collections.messages.keys()]
      .map((key, index) => {
        const id = String(key)
        return { id, index, place: this.#order.of('message', id) }
      })
      // One that was changed, and whose place is not read yet, is shown when it is.
      .filter(({ place }) => place !== -Infinity)
    // Those that are not confirmed come last, as they were written.
    placed.sort((a, b) => (a.place === b.place ? a.index - b.index : a.place - b.place))
    const ids = placed.map(({ id }) => id)
    this.#sorted = { ids, firstPlace }
    return ids
  }

  #findFirsts(): ReadonlyMap<string, string> {
    const { messages } = this.#db.collections
    const firsts = new Map<string, string>()
    for (const id of this.#inOrder()) {
      const branch = messages.get(id)?.branch
      if (branch !== undefined && !firsts.has(branch)) firsts.set(branch, id)
    }
    return firsts
  }

  #onPart(id: string): void {
    const message = this.#db.collections.parts.get(id)?.message
    const before = this.#messageOf.get(id)
    for (const each of new Set([message, before])) if (each !== undefined) this.#views.delete(each)
    if (message === before) return
    if (before !== undefined) this.#partsOf.get(before)?.delete(id)
    if (message === undefined) {
      this.#messageOf.delete(id)
      return
    }
    this.#messageOf.set(id, message)
    const parts = this.#partsOf.get(message)
    if (parts === undefined) this.#partsOf.set(message, new Set([id]))
    else parts.add(id)
  }

  #changed(): void {
    this.#version++
    this.#listeners.notify()
  }
}

/** Returns messages whose parts hold their texts, those that stream as far as they are. */
export function withTexts(
  views: readonly (MessageView | undefined)[],
  texts: { readonly get: (part: string) => string },
): MessageView[] {
  return views.flatMap((view) => {
    if (view === undefined) return []
    if (view.parts.every(({ state }) => state !== 'streaming')) return [view]
    const parts = view.parts.map((part) =>
      part.state === 'streaming' ? { ...part, text: texts.get(part.id) } : part,
    )
    return [{ ...view, parts }]
  })
}

/** TanStack says of each row whether the log has it. */
export function isPending(row: object): boolean {
  return Reflect.get(row, '$synced') === false
}
