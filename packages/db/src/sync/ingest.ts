import {
  foldChange,
  foldControl,
  isChangeEvent,
  noChanges,
  schemaVersionOf,
  StateIssue,
  takeChanges,
  toInput,
  upgradeEvent,
} from '@streamdb/state'
import type { ChangeEvent, Changes, CollectionDefinition, ControlEvent } from '@streamdb/state'
import { decodeItem, StreamDBError } from '@streamdb/log'
import type { AfterBatch, Batch, Recorder, RestartReason } from '@streamdb/log'
import { storedFormsOf } from '../collections/stored-forms.ts'
import type { StoredForms } from '../collections/stored-forms.ts'
import { Deduplicator, headerOf } from './deduplicate.ts'
import { offsetIssue, thrownIssue } from './ingest-issues.ts'
import type { IngestParts, RowListener } from './ingest-parts.ts'
import { OwnKeys } from './own-keys.ts'
import { OwnRows } from './own-rows.ts'
import { recordControl } from './record-control.ts'
import { resetTarget, SeenTargets } from './reset-target.ts'
import { copyOf, toRow } from './to-row.ts'

/** Ingests batches: decodes, validates and folds their items into changes, which are taken out to be applied. */
export class Ingest {
  readonly #parts: IngestParts
  readonly #definitions: ReadonlyMap<string, CollectionDefinition>
  readonly #ownRows: OwnRows
  readonly #storedForms = new Map<CollectionDefinition, StoredForms>()
  readonly #deduplicator = new Deduplicator()
  readonly #obeyed = new SeenTargets()
  readonly #refused = new SeenTargets()
  readonly #ownKeys: OwnKeys
  #changes: Changes = noChanges()
  #processedCount = 0
  #lastTxid: unknown
  // Where a reset sent the reader, until something was read there; and what comes back to the batch with the reset.
  #seek: { readonly target: string; readonly comeBack: () => void } | undefined
  #recorder: Recorder | undefined
  readonly #rowListeners: RowListener[] = []

  constructor(parts: IngestParts) {
    this.#parts = parts
    this.#ownKeys = new OwnKeys(parts.state)
    this.#ownRows = new OwnRows(parts.state)
    this.#definitions = new Map(Object.values(parts.state).map((each) => [each.type, each] as const))
    for (const definition of this.#definitions.values()) {
      const forms = storedFormsOf(definition)
      if (forms !== undefined) this.#storedForms.set(definition, forms)
    }
  }

  /** Adds a `listener` for every ingested row. */
  listenToRows(listener: RowListener): void {
    this.#rowListeners.push(listener)
  }

  /** Passes every ingested change and control to `recorder`, as the log has it. */
  recordBy(recorder: Recorder): void {
    this.#recorder = recorder
  }

  /**
   * Folds a batch into the changes; returns where a `reset` sends the reader.
   *
   * Such a reset is obeyed once, so that a log cannot keep a reader in a loop (SPEC M4). What follows it in the batch
   * is not read. Throws `invalid-event` where the policy for invalid events is to fail.
   */
  ingest(batch: Batch): AfterBatch {
    const { items, offset } = batch
    // A reset sent the reader here: something was read.
    this.#seek = undefined
    let index = this.#deduplicator.begin(batch)
    try {
      // Nothing that a single event does stops the others: it is an issue, and the loop goes on behind it.
      while (index < items.length) {
        try {
          for (; index < items.length; index++) {
            const target = this.#ingestItem(items[index], batch)
            if (target === undefined) continue
            this.#deduplicator.end(batch, index)
            this.#seek = { target, comeBack: this.#deduplicator.leaveResponse() }
            return { type: 'seek', offset: target }
          }
        } catch (error) {
          if (error instanceof StreamDBError) throw error
          this.#parts.invalidEvents.add(thrownIssue(error, items[index]), offset)
          index++
        }
      }
    } finally {
      if (this.#seek === undefined) this.#deduplicator.end(batch, index)
    }
    return { type: 'continue' }
  }

  /** Returns the items of a batch that are not ingested yet: all, but for a response that broke off or was stopped. */
  unprocessed(batch: Batch): readonly unknown[] {
    return this.#deduplicator.unprocessed(batch)
  }

  /** How many items were ingested. */
  get processedCount(): number {
    return this.#processedCount
  }

  /** Whether the changes replace all rows: they must be complete before they are applied. */
  get replaces(): boolean {
    return this.#changes.replaces
  }

  /** Whether the last event belongs to a transaction, of which more may come. */
  get insideTransaction(): boolean {
    return this.#lastTxid !== undefined
  }

  /** Whether a batch begins with an event of the last transaction. */
  continuesTransaction({ items }: Batch): boolean {
    return items.length > 0 && headerOf(items[0], 'txid') === this.#lastTxid
  }

  /** Whether a snapshot has begun and not ended. */
  get insideSnapshot(): boolean {
    return this.#changes.snapshot !== undefined
  }

  /** The transactions of a snapshot that has not ended; none where there is no such snapshot. */
  get snapshotTxids(): ReadonlySet<string> | undefined {
    return this.#changes.snapshot?.txids
  }

  /** The transactions that were ingested and not taken out. */
  get txids(): Set<string> {
    return this.#changes.txids
  }

  /** Takes the changes out, to be applied; an unfinished snapshot stays. */
  takeChanges(): Changes {
    return takeChanges(this.#changes)
  }

  /** Forgets what was ingested, and makes the next changes replace all rows: the log is read from its beginning. */
  restart(reason: RestartReason): void {
    this.#recorder?.onRestart(reason)
    // Reading there failed, whatever the reason: the next time the reset counts as one without an offset.
    if (this.#seek !== undefined) this.#refused.add(this.#seek.target)
    this.#seek = undefined
    this.#changes = noChanges()
    this.#changes.replaces = true
    this.#obeyed.clear()
    this.#ownKeys.clear()
    this.#deduplicator.restart()
    this.#lastTxid = undefined
  }

  /** Nothing can be read where a reset sent the reader: its batch comes again, and it counts as one without an offset. */
  refuseSeek(offset: string): void {
    this.#refused.add(offset)
    this.#obeyed.delete(offset)
    this.#seek?.comeBack()
    this.#seek = undefined
  }

  /** Ingests one item; returns the offset that a reset sends the reader to. */
  #ingestItem(item: unknown, batch: Batch): string | undefined {
    if (this.#deduplicator.isRepeat(item, batch)) return undefined
    this.#processedCount++
    const event = decodeItem(item)
    if (event instanceof StateIssue) {
      this.#parts.invalidEvents.add(event, batch.offset)
    } else if (isChangeEvent(event)) {
      this.#ingestChange(event, batch.offset)
    } else {
      return this.#ingestControl(event, batch)
    }
    return undefined
  }

  #ingestChange(given: ChangeEvent, offset: string): void {
    const definition = this.#definitions.get(given.type)
    const { txid } = given.headers
    this.#lastTxid = txid
    const { upgrade, newerVersions } = this.#parts
    const version = schemaVersionOf(given)
    if (version > upgrade.version) newerVersions.note(version)
    // An event of an undefined type is not changed.
    const event = definition === undefined ? given : upgradeEvent(given, upgrade)
    if (event instanceof StateIssue) {
      this.#recordRefused(given)
      this.#parts.invalidEvents.add(event, offset)
      return
    }
    if (definition === undefined) {
      // No collection has its rows; its transaction is in the log. In a snapshot it is visible with that (SPEC M5).
      if (typeof txid === 'string') (this.#changes.snapshot ?? this.#changes).txids.add(txid)
      this.#parts.unknownTypes.count(event.type)
    } else if (event.headers.operation === 'delete') {
      foldChange(this.#changes, event, undefined)
      this.#recorder?.onDelete(event.type, event.key)
      for (const listener of this.#rowListeners) listener.onRow(event, undefined)
    } else {
      const output = toRow(event, definition)
      if (output instanceof StateIssue) {
        this.#recordRefused(event)
        // The event as it came.
        const issue = event === given ? output : new StateIssue({ ...output, event: given })
        this.#parts.invalidEvents.add(issue, offset)
        return
      }
      const row = this.#ownRows.of(output, event, definition)
      if (this.#storedForms.size > 0) this.#storedForms.get(definition)?.note(row, toInput(event, definition))
      const isContested = definition.key === 'value' && this.#ownKeys.put(this.#changes, event, row)
      foldChange(this.#changes, event, row, ownText(event.key, row, definition))
      // A new place in the store: of entities with one primary key the last one comes last.
      if (isContested) this.#recorder?.onDelete(event.type, event.key)
      if (this.#recorder !== undefined) this.#recordPut(event, this.#recorder)
      for (const listener of this.#rowListeners) listener.onRow(event, row)
    }
    this.#parts.observers.event(event)
  }

  /** The value, for later: observers may do to the fields of an event what they like (F-real-51). */
  #recordPut(event: ChangeEvent, recorder: Recorder): void {
    const { type, key, value } = event
    const own = this.#parts.observers.want('onEvent') ? copyOf(value) : value
    recorder.onPut(type, key, own, schemaVersionOf(event))
  }

  #recordRefused(event: ChangeEvent): void {
    const { type, key, value } = event
    this.#recorder?.onRefused(type, key, value, schemaVersionOf(event))
  }

  #ingestControl(event: ControlEvent, batch: Batch): string | undefined {
    const { control, offset } = event.headers
    const target =
      control === 'reset'
        ? resetTarget(offset, {
            batch,
            isStamped: this.#deduplicator.usesStamps,
            obeyed: this.#obeyed,
            refused: this.#refused,
          })
        : ({ type: 'none' } as const)
    if (target.type === 'obeyed') return undefined
    foldControl(this.#changes, event)
    if (this.#recorder !== undefined) recordControl(this.#recorder, control)
    for (const listener of this.#rowListeners) listener.onControl(event, this.#changes.rows)
    if (target.type === 'seek') {
      this.#obeyed.add(target.offset)
      return target.offset
    }
    if (target.type === 'unusable') {
      this.#parts.invalidEvents.add(offsetIssue(target.expected, target.offset, event), batch.offset)
    }
    return undefined
  }
}

/** Returns a key as the string that the row itself holds, so that the event's copy of it can be garbage-collected. */
function ownText(key: string, row: object, { primaryKey }: CollectionDefinition): string {
  const own = (row as Readonly<Record<string, unknown>>)[primaryKey] // a row is an object
  return own === key ? own : key
}
