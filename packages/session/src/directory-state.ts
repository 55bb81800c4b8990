import { createStateSchema } from '@streamdb/state'
import type { StateSchema } from '@streamdb/state'
import { rowSchema } from './row-schema.ts'
import type { SessionCollection } from './session-state.ts'

/** A session as a directory lists it. */
export interface ListedSession {
  readonly id: string
  readonly url: string
  readonly title?: string
  /** The ids of those who have written in it. */
  readonly participants: readonly string[]
  /** How many messages it has, of all branches. */
  readonly messages: number
  /** An agent works in it. */
  readonly isRunning: boolean
  /** When somebody's clock said that something happened in it, ISO 8601, for display. */
  readonly lastActivity?: string
  readonly archived?: boolean
  readonly by: string
  readonly metadata?: unknown
}

/** How far a participant has read a session: keyed `session:participant`. */
export interface ReadMark {
  readonly id: string
  readonly session: string
  readonly participant: string
  readonly messages: number
}

/** The collections of a directory. */
export type DirectoryDefinitions = {
  readonly sessions: SessionCollection<ListedSession>
  readonly marks: SessionCollection<ReadMark>
}

const definitions: DirectoryDefinitions = {
  sessions: {
    schema: rowSchema<ListedSession>({
      id: 'string',
      url: 'string',
      title: 'string?',
      participants: 'strings',
      messages: 'number',
      isRunning: 'boolean',
      lastActivity: 'string?',
      archived: 'boolean?',
      by: 'string',
      metadata: 'json?',
    }),
    type: 'session',
    primaryKey: 'id',
  },
  marks: {
    schema: rowSchema<ReadMark>({
      id: 'string',
      session: 'string',
      participant: 'string',
      messages: 'number',
    }),
    type: 'read-mark',
    primaryKey: 'id',
  },
}

/** The state of a directory. */
export const directoryState: StateSchema<DirectoryDefinitions> = createStateSchema(definitions)
