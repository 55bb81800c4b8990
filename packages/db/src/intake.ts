import {
  decodeStateEvent,
  foldChange,
  foldControl,
  isChangeEvent,
  noChanges,
  StateIssue,
  takeChanges,
  validateRow,
} from '@streamdb/state'
import type { ChangeEvent, Changes, CollectionDefinition, ControlEvent } from '@streamdb/state'
import { isBefore } from './offsets.ts'

/** Items of a log as they came, and the offsets between which they lie. */
export interface RawBatch {
  readonly items: readonly unknown[]
  /** Where reading began. */
  readonly from: string
  /** Where reading goes on. */
  readonly offset: string
}

/** What the intake tells whoever owns it. What one throws stops reading, at this batch. */
export interface IntakeListener {
  readonly onEvent?: ((event: ChangeEvent) => void) | undefined
  onIssue(issue: StateIssue, offset: string): void
  onUnknownType(type: string): void
}

/** Takes batches in: decodes, validates and folds their items into changes, which a commit takes out. */
export class Intake {
  readonly #definitions: ReadonlyMap<string, CollectionDefinition>
  readonly #listener: IntakeListener
  readonly #obeyedResets = new Set<string>()
  #changes: Changes = noChanges()
  #taken = 0
  #insideTransaction = false

  /** `definitions`: by event type. */
  constructor(definitions: ReadonlyMap<string, CollectionDefinition>, listener: IntakeListener) {
    this.#definitions = definitions
    this.#listener = listener
  }

  /**
   * Folds a batch in; returns the offset to go on from, where a `reset` sends the reader elsewhere.
   *
   * Such a reset is obeyed once: seen again, on the way from where it sent us, it is passed over, so that a log
   * cannot loop its reader (DESIGN M4). What follows it in the batch is then not this reader's.
   */
  take(batch: RawBatch): string | undefined {
    this.#taken += batch.items.length
    for (const item of batch.items) {
      const event = decodeStateEvent(item)
      if (event instanceof StateIssue) {
        this.#listener.onIssue(event, batch.offset)
      } else if (isChangeEvent(event)) {
        this.#change(event, batch.offset)
      } else {
        const elsewhere = resetTarget(event, batch)
        if (elsewhere === undefined) {
          foldControl(this.#changes, event)
        } else if (!this.#obeyedResets.has(elsewhere)) {
          this.#obeyedResets.add(elsewhere)
          foldControl(this.#changes, event)
          return elsewhere
        }
      }
    }
    return undefined
  }

  /** How many items were taken in. */
  get taken(): number {
    return this.#taken
  }

  /** Whether the last event belongs to a transaction, of which more may come. */
  get insideTransaction(): boolean {
    return this.#insideTransaction
  }

  /** Takes out what is to be shown; an unfinished snapshot stays in. */
  takeChanges(): Changes {
    return takeChanges(this.#changes)
  }

  /** Forgets what was taken in, and makes the next changes replace everything: the log is read anew. */
  restart(): void {
    this.#changes = noChanges()
    this.#changes.replaces = true
    this.#obeyedResets.clear()
  }

  #change(event: ChangeEvent, offset: string): void {
    const definition = this.#definitions.get(event.type)
    const { txid } = event.headers
    this.#insideTransaction = txid !== undefined
    if (typeof txid === 'string') this.#changes.txids.add(txid)
    if (definition === undefined) {
      this.#listener.onUnknownType(event.type)
    } else if (event.headers.operation === 'delete') {
      foldChange(this.#changes, event, undefined)
    } else {
      const row = validateRow(event, definition)
      if (row instanceof StateIssue) {
        this.#listener.onIssue(row, offset)
        return
      }
      foldChange(this.#changes, event, row)
    }
    this.#listener.onEvent?.(event)
  }
}

/**
 * Returns where a reset sends the reader, if that is elsewhere.
 *
 * A server may stamp an event with its own offset, which lies inside the batch: then reading just goes on.
 */
function resetTarget(event: ControlEvent, batch: RawBatch): string | undefined {
  const { control, offset } = event.headers
  if (control !== 'reset' || typeof offset !== 'string' || offset === '') return undefined
  const inside = isBefore(batch.from, offset) && !isBefore(batch.offset, offset)
  return inside ? undefined : offset
}
