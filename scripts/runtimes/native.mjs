import { createStreamDB } from '@streamdb/db'
import { state } from './state.mjs'

globalThis.db = createStreamDB({ streamOptions: { url: 'http://127.0.0.1:9/none' }, state })
