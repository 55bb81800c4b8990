// The shared list: its state, its action, its database. The file is the same for every framework.

import { createStateSchema, createStreamDB } from '@streamdb/db'
import type { ActionContext, Status, StreamDB } from '@streamdb/db'
import { z } from 'zod'

const item = z.object({
  id: z.string(),
  text: z.string().min(1).max(200),
  isDone: z.boolean(),
  /** From which page it came. */
  from: z.string(),
})
export type Item = z.infer<typeof item>

const state = createStateSchema({ items: { schema: item, type: 'item', primaryKey: 'id' } })

/** One action: shown at once, one transaction in the log, taken back where the server refuses it. */
const actions = ({ db }: ActionContext<typeof state>) => ({
  addItem: {
    onMutate: ({ text, from }: Pick<Item, 'text' | 'from'>) => {
      const { items } = db.collections
      // Ids that sort by time, and that two pages do not share.
      const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`
      items.insert({ id, text, from, isDone: false })
    },
  },
})

export type ListDB = StreamDB<typeof state, ReturnType<typeof actions>>

/** Opens the list. Nothing is read before something reads a collection; `close()` when nobody does any more. */
export function openList(): ListDB {
  const url = new URL('/stream/list', location.href).href
  // On loopback there is no HTTP/2; the pages say what a write comes to.
  const streamOptions = { url, warnOnHttp: false }
  return createStreamDB({ streamOptions, state, actions, onError: () => undefined })
}

/** Says the status in words. */
export function describeStatus(status: Status, pending: number): string {
  if (status.name === 'live') return pending === 0 ? 'Live' : `Live, ${pending} on the way`
  if (status.name === 'reconnecting' || status.name === 'offline') return 'Connection lost, trying again'
  if (status.name === 'failed') return `Stopped: ${status.error.message}`
  return 'Loading'
}
