import * as ours from '../dist/db.js'
import { definitionsOf } from '../lib/definitions.mjs'

/** Opens our layer; `layer`: of which checkout. */
export function open(task, validated = true, { createStateSchema, createStreamDB, logRows } = ours) {
  const { url, kind, live, onBeforeBatch, fetch, ...more } = pick(task)
  const db = createStreamDB({
    streamOptions: { url, contentType: 'application/json', warnOnHttp: false, ...(fetch && { fetch }) },
    state: createStateSchema(definitionsOf(kind, validated)),
    live,
    onBeforeBatch,
    ...more,
    onInvalid: 'fail',
    actions: ({ db: { collections } }) => ({
      add: { onMutate: (row) => void collections.items.insert(row) },
    }),
  })
  return {
    db,
    collections: db.collections,
    /** How many rows the log has of a collection: with rows on demand those too that are not in TanStack DB. */
    sizeOf: (collection) => (task.syncMode ? logRows(collection).size : collection.size),
    load: () => db.preload(),
    /** Adds a row; resolves when it is in the log and visible. */
    add: (row) => db.actions.add(row).when('settled'),
    close: () => db.close(),
  }
}

/** The parts of a task that are a database's: what is not given is not an option. */
function pick(task) {
  const names = [
    'url',
    'kind',
    'live',
    'onBeforeBatch',
    'fetch',
    'storage',
    'snapshots',
    'offline',
    'syncMode',
  ]
  return Object.fromEntries(
    names.filter((name) => task[name] !== undefined).map((name) => [name, task[name]]),
  )
}
