import { defineServerAction } from '../../src/index.ts'
import { state, transferParams } from './bank.ts'

/** How often it ran. */
export const runs: string[] = []

export const transfer = defineServerAction('transfer', transferParams, async (action) => {
  const { params, user, rows, txid, time, update, insert, refuse } = action
  runs.push(txid)
  const from = rows.get(state.accounts, params.from)
  if (from === undefined) return refuse('no-account', `There is no account ${params.from}`, '/params/from')
  if (from.owner !== user.id) refuse('not-yours', 'the secret rule of the bank')
  if (from.balance < params.amount) refuse('too-little', `${from.balance} is too little`, '/params/amount')
  await Promise.resolve()
  update(state.accounts, params.from, { balance: from.balance - params.amount })
  update(state.accounts, params.to, (row) => ({ ...row, balance: row.balance + params.amount }))
  insert(state.transfers, { id: `${time}/${txid}`, by: user.id, amount: params.amount })
})
