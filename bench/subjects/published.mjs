import { createStateSchema, createStreamDB } from '@durable-streams/state/db'
import { definitionsOf } from '../lib/definitions.mjs'

/** Opens the published layer, written against as its documentation does. */
export function open({ url, kind, live, onBeforeBatch }) {
  const state = createStateSchema(definitionsOf(kind))
  const db = createStreamDB({
    streamOptions: { url, contentType: 'application/json', warnOnHttp: false },
    state,
    live,
    onBeforeBatch,
    actions: ({ db: opened, stream }) => ({
      add: {
        onMutate: (row) => void opened.collections.items.insert(row),
        mutationFn: async (row) => {
          const txid = crypto.randomUUID()
          await stream.append(JSON.stringify(state.items.insert({ value: row, headers: { txid } })))
          await opened.utils.awaitTxId(txid, 30_000)
        },
      },
    }),
  })
  return {
    collections: db.collections,
    load: () => db.preload(),
    add: (row) => db.actions.add(row).when('settled'),
    close: () => db.close(),
  }
}
