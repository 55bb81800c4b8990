// What the server and its clients share: names and schemas, no code of either.
import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

export const state = createStateSchema({
  accounts: {
    schema: z.object({ id: z.string(), owner: z.string(), balance: z.number() }),
    type: 'account',
    primaryKey: 'id',
  },
  transfers: {
    schema: z.object({ id: z.string(), by: z.string(), amount: z.number() }),
    type: 'transfer',
    primaryKey: 'id',
  },
})

export const transferParams = z.object({
  from: z.string(),
  to: z.string(),
  amount: z.coerce.number().positive(),
})
