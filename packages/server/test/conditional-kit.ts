import { createStateSchema } from '@streamdb/db'
import { itemsOf } from '@streamdb/testkit'
import { z } from 'zod'
import { createStreamHandler } from '../src/index.ts'
import type { StreamHandlerOptions } from '../src/index.ts'
import { authenticate, serve } from './gateway-kit.ts'
import type { User } from './gateway-kit.ts'
import { kit } from './logs.ts'
import { openAs } from './open-as.ts'

export const state = createStateSchema({
  counters: {
    // What a row holds is not what the log holds: defaults and dates are the schema's.
    schema: z.object({
      id: z.string(),
      n: z.number(),
      step: z.number().default(1),
      at: z.coerce.date().optional(),
    }),
    type: 'counter',
    primaryKey: 'id',
  },
  claims: { schema: z.object({ id: z.string(), by: z.string() }), type: 'claim', primaryKey: 'id' },
})

export type State = typeof state
type Options = Partial<StreamHandlerOptions<State, User>>

let folders = 0

/** Returns a stream on the real server, and what starts gateways to it. */
export async function startStream(...events: readonly object[]) {
  const streams = await kit()
  const folder = `${streams.url}/conditions/${++folders}`
  const direct = `${folder}/a`
  await fetch(direct, { method: 'PUT', headers: { 'content-type': 'application/json' } })
  if (events.length > 0) await streams.appendItems(direct, [...events])
  return {
    direct,
    /** Starts a gateway; returns the stream's URL there. */
    async gateway(options: Options = {}): Promise<string> {
      const handler = createStreamHandler<State, User>({
        ...{ state, authenticate, upstream: folder, authorize: () => true, ...options },
      })
      return `${await serve(handler)}/a`
    },
    async events(): Promise<{ key: string; value?: { n?: number }; headers: Record<string, unknown> }[]> {
      return itemsOf(await fetch(`${direct}?offset=-1`))
    },
  }
}

export function open(url: string, user = 'ada', more: object = {}) {
  return openAs(user, { url, state, ...more })
}

export const zero = state.counters.insert({ value: { id: 'a', n: 0 } })
