import type { Transaction } from '@tanstack/db'
import { fromStoredError, StreamDBError } from '@streamdb/log'
import type { Outbox, StoredWrite } from '@streamdb/log'
import type { ChangeEvent, SchemaUpgrade } from '@streamdb/state'
import { rowOf } from '../collections/all-rows.ts'
import { changeRow } from '../collections/change-row.ts'
import type { WriteFunction } from './delivery.ts'
import { fromEvents } from './from-events.ts'
import type { DefinedCollection } from './from-events.ts'
import type { WriteQueue } from './write-queue.ts'

/** A transaction that is kept until the log has it. */
export interface OutboxEntry {
  readonly txid: string
  /** The action that made it; absent for a collection's own methods and `transact`. */
  readonly action?: string | undefined
  /** What the action was called with, where it writes by its own function. */
  readonly params?: unknown
  /** Its mutations as events, as they go into the log. */
  readonly events: readonly ChangeEvent[]
  /** When it was made, in milliseconds since the epoch. */
  readonly createdAt: number
  /** How many attempts to store it in the log failed. */
  readonly attempts: number
  readonly state: OutboxState
}

/** How far a kept transaction has come. */
export type OutboxState =
  /** It waits for its turn. */
  | { readonly name: 'queued' }
  /** It is being sent, or its action's function runs. It may be in the log. */
  | { readonly name: 'sending' }
  /** It is in the log; its rows have not come back yet. */
  | { readonly name: 'acknowledged' }
  /**
   * It was refused, and its rows are as they were before: `retry`, `edit` or `discard` it. `error.dependsOn` is the txid of
   * another one which it was built upon, and was rolled back with.
   */
  | { readonly name: 'refused'; readonly error: StreamDBError }

/** What is written, and is not in the log yet: `db.outbox`, with the option `offline`. */
export interface StreamOutbox {
  /** All of them, oldest first; the same array until one changes. Bound. */
  readonly get: () => readonly OutboxEntry[]
  /** Calls `run` after every change; returns what ends it. Bound. */
  readonly subscribe: (run: () => void) => () => void
  /**
   * Resolves when everything written by now is in the store, so that it survives the page. Rejects with `storage-failed`
   * or `storage-full` where the store is broken: writes are then in memory alone.
   */
  whenStored(): Promise<void>
  /**
   * Shows a refused transaction again and sends it behind all others, with those that were rolled back with it; returns
   * the transaction. Throws `invalid-write` where there is no such refused one.
   */
  retry(txid: string): Transaction
  /**
   * Removes a transaction that was refused, or that waits: its rows are as before. Those that were built upon a waiting
   * one are refused with it. Throws `invalid-write` for one that may be in the log already, or is not there.
   */
  discard(txid: string): void
  /**
   * Makes a new transaction of a refused one, which it replaces: its mutations on the rows as they are now, and then those
   * of `mutate`; returns the transaction. Throws `invalid-write` where there is no such refused one, or an action's
   * function writes it; and what `mutate` throws: then nothing is changed.
   */
  edit(txid: string, mutate: () => void): Transaction
}

/** Returns what writes a call of an action; nothing where there is no such action, or it has no function. */
export type FunctionOf = (action: string, params: unknown) => WriteFunction | undefined

/** What an outbox works with. */
export interface KeptWritesOptions {
  readonly outbox: Outbox
  readonly queue: WriteQueue
  /** The database's collections, by event type. */
  readonly byType: ReadonlyMap<string, DefinedCollection>
  readonly upgrade: SchemaUpgrade
  readonly functionOf: FunctionOf
}

/** Shows what is kept, of earlier pages and other tabs as well, and lets the application decide about what was refused. */
export class KeptWrites implements StreamOutbox {
  readonly #options: KeptWritesOptions
  #stored: readonly StoredWrite[] = []
  #entries: readonly OutboxEntry[] = []

  /** `signal`: the database's; it ends what this begins. */
  constructor(options: KeptWritesOptions, signal: AbortSignal) {
    this.#options = options
    signal.addEventListener(
      'abort',
      options.outbox.subscribe(() => this.#restore()),
    )
    this.#restore()
  }

  readonly get = (): readonly OutboxEntry[] => {
    const stored = this.#options.outbox.get()
    if (stored !== this.#stored) {
      this.#stored = stored
      this.#entries = stored.map(toEntry)
    }
    return this.#entries
  }

  readonly subscribe = (run: () => void): (() => void) => this.#options.outbox.subscribe(run)

  whenStored(): Promise<void> {
    return this.#options.outbox.whenStored()
  }

  retry(txid: string): Transaction {
    const { outbox, queue } = this.#options
    this.#findRefused(txid, 'retry')
    const again = withDependents(txid, outbox.get())
    for (const each of again) outbox.retry(each)
    const transaction = queue.find(txid)
    if (transaction === undefined) throw noneError(txid, 'retry', 'it is being sent by another tab')
    return transaction
  }

  discard(txid: string): void {
    const { outbox, queue } = this.#options
    const found = outbox.get().find((write) => write.txid === txid)
    if (found === undefined) throw noneError(txid, 'discard', 'the outbox has no such transaction')
    const isDone = found.state.name === 'queued' ? queue.discard(txid) : false
    if (!isDone && !outbox.discard(txid))
      throw noneError(txid, 'discard', 'it was sent, and may be in the log: the log decides')
  }

  edit(txid: string, mutate: () => void): Transaction {
    const { queue, byType, upgrade } = this.#options
    const { events, action, call } = this.#findRefused(txid, 'edit')
    if (call !== undefined)
      throw noneError(
        txid,
        'edit',
        `the function of the action "${String(action)}" writes it. Call the action anew`,
      )
    const mutations = fromEvents(events, byType, upgrade)
    const again = (): void => {
      for (const { collection, key, type, before = {}, after = {} } of mutations) {
        // On demand a row need not be loaded to be there.
        if (rowOf(collection, key) === undefined) {
          if (type !== 'delete') collection.insert(after)
        } else if (type === 'delete') collection.delete(key)
        else changeRow(collection, key, before, after)
      }
      return mutate()
    }
    return queue.transact(again, { action, replaces: txid })
  }

  /** Shows what was kept by an earlier page or another tab, or is tried again. */
  #restore(): void {
    const { outbox, queue, byType, upgrade, functionOf } = this.#options
    // Not of all that are kept: it runs after every change, and there may be ten thousand.
    const hidden = outbox
      .unclaimed()
      .filter(({ txid, state }) => isShown(state.name) && queue.find(txid) === undefined)
    if (hidden.length === 0) return
    queue.restore(
      hidden.map(({ txid, action, events, attempts, call, order }) => ({
        ...{ txid, action, events, attempts },
        mutations: fromEvents(events, byType, upgrade),
        // Microseconds, and later than all that came before it.
        createdAt: order / 1000,
        // Looked for when its turn comes: another component may have added the action by then.
        send:
          call &&
          ((context) => (functionOf(String(action), call.params) ?? unknownFunction(action))(context)),
      })),
    )
  }

  #findRefused(txid: string, what: string): StoredWrite {
    const found = this.#options.outbox.get().find((write) => write.txid === txid)
    if (found?.state.name === 'refused') return found
    const why = found === undefined ? 'the outbox has no such transaction' : `it is ${found.state.name}`
    throw noneError(txid, what, why)
  }
}

function isShown(name: StoredWrite['state']['name']): boolean {
  return name === 'queued' || name === 'sent' || name === 'acknowledged'
}

/** Returns a refused write's txid with those that were rolled back with it, however far, by their order. */
function withDependents(txid: string, writes: readonly StoredWrite[]): readonly string[] {
  const found = new Set([txid])
  for (const { txid: other, state } of writes) {
    if (state.name === 'refused' && found.has(state.error.dependsOn ?? '')) found.add(other)
  }
  return [...found]
}

/** The leading tab runs functions: this is what it runs where it does not know the action. */
function unknownFunction(action: string | undefined): WriteFunction {
  const what = `The action "${String(action)}" is not, or no longer, one of the option actions, or has no mutationFn`
  const todo = 'It stays in the outbox: register the action and retry it, or discard it'
  return () => Promise.reject(new StreamDBError('action-unknown', `${what}. ${todo}`))
}

function toEntry({ txid, action, call, events, createdAt, attempts, state }: StoredWrite): OutboxEntry {
  return {
    ...{ txid, events, createdAt, attempts },
    ...(action !== undefined && { action }),
    ...(call !== undefined && { params: call.params }),
    state: toState(state),
  }
}

function toState(state: StoredWrite['state']): OutboxState {
  switch (state.name) {
    case 'queued':
      return { name: 'queued' }
    case 'sent':
      return { name: 'sending' }
    case 'refused':
      return { name: 'refused', error: fromStoredError(state.error) }
    case 'acknowledged':
    case 'withdrawn':
      return { name: 'acknowledged' }
  }
}

function noneError(txid: string, what: string, why: string): StreamDBError {
  return new StreamDBError('invalid-write', `Cannot ${what} the transaction ${txid}: ${why}`)
}
