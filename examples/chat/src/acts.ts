import { Store } from '@streamdb/example-shared/page'
import type { HistoryStep, Transaction } from '@streamdb/react'
import type { Database } from './database.ts'

/** What the user did last, as the page says it, and what can be done about it. */
export interface Act {
  readonly words: string
  readonly tone: 'plain' | 'bad'
  readonly offers?: 'undo' | 'redo' | undefined
}

/** What can be undone, and the word on it. */
export class Acts {
  readonly latest: Store<Act | undefined> = new Store<Act | undefined>(undefined)
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Says what was done. It can be undone when it is confirmed, and as long as nothing else is done. */
  say(words: string, transaction: Transaction): void {
    const act: Act = { words, tone: 'plain' }
    this.latest.set(act)
    const follow = (next: Act) => this.latest.get() === act && this.latest.set(next)
    transaction.when('settled').then(
      () => follow({ ...act, offers: 'undo' }),
      (error: unknown) => this.latest.set({ words: `Not done: ${wordsOf(error)}`, tone: 'bad' }),
    )
  }

  /** Forgets the word: something else was done, which undoing would undo first. */
  forget(): void {
    this.latest.set(undefined)
  }

  undo(): void {
    this.#go(this.#db.history?.undo(), 'Undone', 'redo')
  }

  redo(): void {
    this.#go(this.#db.history?.redo(), 'Done again', 'undo')
  }

  #go(step: HistoryStep | undefined, words: string, offers: 'undo' | 'redo'): void {
    if (step === undefined) return
    if (step.transaction === undefined) {
      this.latest.set({ words: 'Left as it is: it was changed meanwhile', tone: 'bad' })
      return
    }
    this.latest.set({ words, tone: 'plain', offers })
    step.transaction.when('settled').catch((error: unknown) => {
      this.latest.set({ words: `Not done: ${wordsOf(error)}`, tone: 'bad' })
    })
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
