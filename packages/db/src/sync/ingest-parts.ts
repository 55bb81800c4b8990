import type { ChangeEvent, ControlEvent, SchemaUpgrade, StateDefinition, TouchedRows } from '@streamdb/state'
import type { Observers } from '../observe.ts'
import type { InvalidEvents } from './invalid-events.ts'
import type { NewerVersions } from './newer-versions.ts'
import type { UnknownTypes } from './unknown-types.ts'

/** Receives the changes of rows in the order of the log, when they are read. */
export interface RowListener {
  /** The log puts a row; `undefined` where it deletes one. The event is in the form of the application's version. */
  onRow(event: ChangeEvent, row: object | undefined): void
  /** The log resets, or a snapshot begins or ends. `rows`: those that are left, or that the snapshot held. */
  onControl(event: ControlEvent, rows: TouchedRows): void
}

/** What ingesting works with. */
export interface IngestParts {
  readonly state: StateDefinition
  readonly upgrade: SchemaUpgrade
  readonly observers: Pick<Observers, 'event' | 'want'>
  readonly invalidEvents: Pick<InvalidEvents, 'add'>
  readonly unknownTypes: Pick<UnknownTypes, 'count'>
  readonly newerVersions: Pick<NewerVersions, 'note'>
}
