import type { PresenceRow } from '../presence-rows.ts'
import { rowSchema } from '../row-schema.ts'
import type { SessionCollection } from '../session-state.ts'

/** A device that says that it is there: its key is the device. */
export interface PresenceDevice extends PresenceRow {
  readonly device: string
}

/** A collection of devices. */
export interface PresenceCollection extends Omit<SessionCollection<PresenceDevice>, 'primaryKey'> {
  readonly primaryKey: 'device'
}

/** The collections of a session's presence stream, for the `state` of a write gateway. */
export type PresenceDefinitions = {
  readonly presences: PresenceCollection
  readonly leases: PresenceCollection
}

const schema = rowSchema<PresenceDevice>({
  device: 'string',
  participant: 'string',
  kind: 'string',
  name: 'string?',
  ttl: 'number',
  holds: 'boolean?',
  beat: 'number',
  instance: 'string?',
  at: 'string',
  state: 'json?',
  hello: 'boolean?',
  left: 'boolean?',
})

/** What is on the presence stream of a session: `createSessionState(presenceDefinitions)` is the state of its streams. */
export const presenceDefinitions: PresenceDefinitions = {
  presences: { schema, type: 'presence', primaryKey: 'device' },
  leases: { schema, type: 'lease', primaryKey: 'device' },
}
