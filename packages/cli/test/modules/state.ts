import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

type Role = 'admin'

const roles: readonly Role[] = ['admin']

export const state = createStateSchema({
  users: {
    schema: z.object({ id: z.string(), name: z.string().min(2), role: z.enum(roles).optional() }),
    type: 'user',
    primaryKey: 'id',
  },
})
