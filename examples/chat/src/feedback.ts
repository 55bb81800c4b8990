import { Store } from '@streamdb/example-shared/page'
import { StreamDBError } from '@streamdb/react'
import type { HistoryStep, Transaction } from '@streamdb/react'
import type { Database } from './database.ts'

/** A note on what the user did last, and what can be done about it. */
export interface Note {
  readonly text: string
  readonly tone: 'plain' | 'bad'
  readonly offers?: 'undo' | 'redo' | undefined
}

/** Tells the user what became of a change: done and undoable, or refused and why. */
export class Feedback {
  readonly latest: Store<Note | undefined> = new Store<Note | undefined>(undefined)
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Makes a change and notes it. It can be undone once it is confirmed, and until something else is done. */
  report(text: string, change: () => Transaction): void {
    const note: Note = { text, tone: 'plain' }
    this.#try(change, () => this.latest.set(note))?.then(
      () => this.latest.get() === note && this.latest.set({ ...note, offers: 'undo' }),
      () => {}, // Noted by #try.
    )
  }

  /** Makes a change that needs no note, unless it is refused. */
  attempt(change: () => Transaction): void {
    this.clear()
    this.#try(change)?.catch(() => {}) // Noted by #try.
  }

  /** Removes the note. */
  clear(): void {
    this.latest.set(undefined)
  }

  undo(): void {
    this.#go(this.#db.history?.undo(), 'Undone', 'redo')
  }

  redo(): void {
    this.#go(this.#db.history?.redo(), 'Done again', 'undo')
  }

  /** Notes a refusal, whether the change throws or its write is refused later. */
  #try(change: () => Transaction, onApplied?: () => void): Promise<unknown> | undefined {
    try {
      const settled = change().when('settled')
      onApplied?.()
      return settled.catch((error: unknown) => {
        this.refuse(error)
        throw error
      })
    } catch (error) {
      this.refuse(error)
      return undefined
    }
  }

  #go(step: HistoryStep | undefined, text: string, offers: 'undo' | 'redo'): void {
    if (step === undefined) return
    const { transaction } = step
    if (transaction === undefined) {
      this.latest.set({ text: 'Not undone: somebody has changed it since', tone: 'bad' })
      return
    }
    this.#try(
      () => transaction,
      () => this.latest.set({ text, tone: 'plain', offers }),
    )?.catch(() => {}) // Noted by #try.
  }

  /** Notes why a change was refused. */
  refuse(error: unknown): void {
    this.latest.set({ text: `Not done: ${reasonOf(error, this.#db)}`, tone: 'bad' })
  }
}

/** Returns why a write was refused, for a person: with the room in place of its address. */
export function reasonOf(error: unknown, { stream }: Pick<Database, 'stream'>): string {
  if (!(error instanceof StreamDBError)) return error instanceof Error ? error.message : String(error)
  // The write gateway says why, in a sentence.
  if (error.reason !== undefined) return error.reason.message
  return error.message.replaceAll(stream.url, 'the room')
}
