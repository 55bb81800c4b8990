import { randomId } from '@streamdb/log'

/** Returns an id of a session's rows: short, as the id of a part is in each of its deltas; 60 bits, for one session. */
export function shortId(): string {
  return randomId().replaceAll('-', '').slice(0, 15)
}
