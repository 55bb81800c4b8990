// A definition without a schema library, as every runtime here shares it.

import { createStateSchema } from '@streamdb/db'

const schema = {
  '~standard': { version: 1, vendor: 'handwritten', validate: (value) => ({ value }) },
}

export const state = createStateSchema({
  users: { schema, type: 'user', primaryKey: 'id' },
  messages: { schema, type: 'message', primaryKey: 'id' },
})
