import { materialize } from '@streamdb/log'
import { state } from '../src/state.ts'

/** Rows that are written at once. */
const rowsPerAppend = 500

/** Copies the rows of a stream into another one: they are all that is left of its history. */
export async function copyRows(from: string, to: string, fetch: typeof globalThis.fetch): Promise<void> {
  const { state: old } = await materialize({ url: from, fetch, state })
  const events = Object.values(state).flatMap(({ type }) =>
    [...old.getType(type)].map(([key, value]) => ({ type, key, value, headers: { operation: 'insert' } })),
  )
  for (let first = 0; first < events.length; first += rowsPerAppend) {
    const response = await fetch(to, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(events.slice(first, first + rowsPerAppend)),
    })
    if (!response.ok) throw new Error(`POST ${to} was answered ${response.status}: ${await response.text()}`)
  }
}
