import { toInput, toValue } from '@streamdb/state'
import type { CollectionDefinition, StateDefinition } from '@streamdb/state'
import type { Outbox } from '@streamdb/log'
import { rowOfValue } from './row-of-value.ts'
import type { HistoryPiles, Step, UndoHistory } from './undo-history.ts'
import { toStoredForm } from './wire-format.ts'

const NOTE = 'history'

/** How much of a history is kept, in characters; of a longer one what was done last. */
const LIMIT = 1024 * 1024

/** What keeping a history works with. */
export interface KeptHistoryOptions {
  readonly outbox: Pick<Outbox, 'loaded' | 'readNote' | 'note'>
  readonly state: StateDefinition
  /** Rows of another version of the application are not restored. */
  readonly version: number
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** Keeps what can be undone and redone beside the outbox, and puts it back on the next page. */
export function keepHistory(
  history: UndoHistory,
  { outbox, state, version, signal }: KeptHistoryOptions,
): void {
  let isDue = false
  const save = (): void => {
    if (isDue) return
    isDue = true
    // A thousand transactions that are confirmed at once are noted once.
    queueMicrotask(() => {
      isDue = false
      if (!signal.aborted) outbox.note(NOTE, { version, ...toStored(history.piles, state) })
    })
  }
  void outbox.loaded
    .then(() => outbox.readNote(NOTE))
    .then((note) => {
      if (signal.aborted) return
      if (isNote(note) && note.version === version) history.restore(fromStored(note, state))
      history.subscribe(save)
      // What was done before it was known.
      if (history.canUndo || history.canRedo) save()
    })
}

function toStored({ undo, redo }: HistoryPiles, state: StateDefinition): HistoryPiles {
  let size = 0
  const store = (steps: readonly Step[]): readonly Step[] =>
    steps.map((step) => mapRows(step, (row) => toJsonRow(row, step, state[step.collection])))
  // Newest first, until there is no room.
  const newest = (pile: readonly (readonly Step[])[]): (readonly Step[])[] => {
    const kept: (readonly Step[])[] = []
    for (const steps of [...pile].reverse()) {
      const stored = store(steps)
      size += JSON.stringify(stored).length
      if (size > LIMIT) break
      kept.unshift(stored)
    }
    return kept
  }
  return { undo: newest(undo), redo: newest(redo) }
}

/** Returns what was stored, without transactions with rows that the schemas refuse by now. */
function fromStored({ undo, redo }: HistoryPiles, state: StateDefinition): HistoryPiles {
  const restore = (steps: readonly Step[]): readonly (readonly Step[])[] => {
    const restored = steps.map((step) => mapRows(step, (row) => toRow(row, step, state[step.collection])))
    const isWhole = restored.every(({ before, after }, index) => {
      const step = steps[index]
      return (
        (before === undefined) === (step?.before === undefined) &&
        (after === undefined) === (step?.after === undefined)
      )
    })
    return isWhole ? [restored] : []
  }
  return { undo: undo.flatMap(restore), redo: redo.flatMap(restore) }
}

function mapRows(step: Step, map: (row: object) => object | undefined): Step {
  const { collection, key, before, after } = step
  return { collection, key, before: before && map(before), after: after && map(after) }
}

function toJsonRow(row: object, { key }: Step, definition: CollectionDefinition | undefined): object {
  if (definition === undefined) return row
  // A row, also of a bare value.
  return toInput({ key, value: toStoredForm(row, definition) }, definition) as object
}

function toRow(
  value: object,
  { key }: Step,
  definition: CollectionDefinition | undefined,
): object | undefined {
  return definition && rowOfValue(key, toValue(value, definition), definition)
}

/** What is stored was written here, by this version. */
function isNote(note: unknown): note is HistoryPiles & { readonly version: number } {
  const { undo, redo } = Object(note) as Partial<HistoryPiles> // looked at, whatever it is
  return Array.isArray(undo) && Array.isArray(redo)
}
