import * as ours from '../dist/db.js'
import { definitionsOf } from '../lib/definitions.mjs'

/** Opens our layer; `layer`: of which checkout. */
export function open(task, validated = true, { createStateSchema, createStreamDB } = ours) {
  const { url, kind, live, onBeforeBatch } = task
  const db = createStreamDB({
    streamOptions: { url, contentType: 'application/json', warnOnHttp: false },
    state: createStateSchema(definitionsOf(kind, validated)),
    live,
    onBeforeBatch,
    onInvalid: 'fail',
    actions: ({ db: { collections } }) => ({
      add: { onMutate: (row) => void collections.items.insert(row) },
    }),
  })
  return {
    collections: db.collections,
    load: () => db.preload(),
    /** Adds a row; resolves when it is in the log and visible. */
    add: (row) => db.actions.add(row).when('settled'),
    close: () => db.close(),
  }
}
