import type { Write } from '@streamdb/db'
import { logRows } from '@streamdb/db'
import { InspectorModel } from '../model/inspector-model.ts'
import type { InspectorModelOptions } from '../model/inspector-model.ts'
import type { WriteReport, WrittenRow } from '../model/writes-log.ts'
import { databaseFacts } from './database-facts.ts'
import { editRow } from './edit-row.ts'
import { collectionsOf } from './inspected-database.ts'
import type { InspectedDatabase, NamedCollection } from './inspected-database.ts'
import { recordingOf } from './recorder.ts'
import type { InspectorSource } from './source.ts'
import { errorOf, toConnectionState } from './status-words.ts'

/** How a database is inspected. */
export interface DatabaseSourceOptions extends InspectorModelOptions {
  readonly allowEdits?: boolean | undefined
}

const models = new WeakMap<object, InspectorModel>()

/** Returns what the inspector shows of a database; the model of one that was shown before goes on. */
export function databaseSource(db: InspectedDatabase, options: DatabaseSourceOptions = {}): InspectorSource {
  let model = models.get(db)
  if (model === undefined) models.set(db, (model = feed(db, options)))
  return {
    ...{ kind: 'database', model, name: db.stream.url },
    ...(options.allowEdits === true && { edit: (edit) => editRow(db, edit) }),
    database: databaseFacts(db, model),
    close: () => undefined,
  }
}

/** Passes everything that a database reports to a model. */
function feed(db: InspectedDatabase, options: DatabaseSourceOptions): InspectorModel {
  const model = new InspectorModel(options)
  const collections = collectionsOf(db)
  const recording = recordingOf(db)
  model.connection.note(toConnectionState(db.status), model.now())
  if (recording.hasMissed) model.addBatch({ items: rowsAsEvents(collections), offset: db.offset })
  for (const write of db.pendingWrites) model.noteWrite(reportOf(write, collections))
  recording.replay({
    onBeforeBatch: (time, { items, offset }) => model.addBatch({ items, offset, time }),
    onOlderRows: (time, events) => model.addBatch({ items: events, offset: db.offset, time }),
    onInvalid: (_, invalid) => model.noteInvalid(invalid, invalid.message, invalid.offset),
    onStatus: (time, status) => model.connection.note(toConnectionState(status), time),
    onWrite: (_, write) => model.noteWrite(reportOf(write, collections)),
    onRestart: (_, reason) => model.noteRestart(reason),
  })
  return model
}

/** The rows that were there before: as an upsert each, since the events that made them were missed. */
function rowsAsEvents(collections: readonly NamedCollection[]): readonly object[] {
  return collections.flatMap(({ type, collection }) => {
    // A collection of this database, as they all are.
    const rows = logRows(collection as unknown as { readonly base: Map<string, object> })
    return Array.from(rows, ([key, value]) => ({ type, key, value, headers: { operation: 'upsert' } }))
  })
}

function reportOf(write: Write, collections: readonly NamedCollection[]): WriteReport {
  const { txid, action, state, attempts, lastError, nextTry, transaction } = write
  const error = state.name === 'failed' ? state.error : lastError
  const rows = transaction.mutations.map((mutation): WrittenRow => {
    const named = collections.find(({ collection }) => collection.id === mutation.collection.id)
    const after: unknown = mutation.type === 'delete' ? undefined : mutation.modified
    return {
      ...{ operation: mutation.type, type: named?.type ?? mutation.collection.id, key: String(mutation.key) },
      before: mutation.type === 'insert' ? undefined : mutation.original,
      after,
    }
  })
  return { txid, action, attempts, nextTry, rows, state: state.name, error: error && errorOf(error) }
}
