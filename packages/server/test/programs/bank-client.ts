import { createStreamDB } from '@streamdb/db'
import { serverAction } from '../../src/client/index.ts'
import type { transfer } from './bank-server.ts'
import { state, transferParams } from './bank.ts'

/** The name that the server gave the action: of a type alone, which no bundle has. */
const name: (typeof transfer)['name'] = 'transfer'

export function openBank(options: Pick<Parameters<typeof createStreamDB>[0], 'streamOptions'> & object) {
  return createStreamDB({
    ...options,
    state,
    actions: ({ db }) => ({
      transfer: serverAction(name, transferParams, {
        onMutate({ from, to, amount }) {
          const { accounts } = db.collections
          accounts.update(from, (row) => void (row.balance -= amount))
          accounts.update(to, (row) => void (row.balance += amount))
        },
      }),
    }),
  })
}
