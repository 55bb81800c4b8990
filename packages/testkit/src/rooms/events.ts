import { room } from './room-state.ts'

/** A user row's event. */
export function user(id: string, name = `name of ${id}`, txid?: string): unknown {
  return room.users.upsert({ value: { id, name }, headers: { txid } })
}

/** A message row's event. */
export function message(id: string, userId: string, text = `text of ${id}`, txid?: string): unknown {
  return room.messages.upsert({ value: { id, userId, text }, headers: { txid } })
}

/** A control event. */
export function control(name: 'reset' | 'snapshot-start' | 'snapshot-end', offset?: string): unknown {
  return { headers: { control: name, ...(offset !== undefined && { offset }) } }
}
