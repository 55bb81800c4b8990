import type { CreateStreamDBOptions, StateDefinition } from '@streamdb/db'
import type { DocumentPlugin } from './documents.ts'
import { SessionError } from './errors.ts'
import type { PresenceOptions } from './presence-options.ts'
import type { Redact } from './redaction.ts'
import type { Participant } from './rows.ts'
import type { SessionState } from './session-state.ts'

/** Who takes part. */
export interface Me extends Omit<Participant, 'kind'> {
  /** Default: a person. */
  readonly kind?: Participant['kind'] | undefined
}

type StreamOptions = NonNullable<CreateStreamDBOptions['streamOptions']>

/** Options of `openSession`. */
export interface SessionOptions<Own extends StateDefinition = Record<never, never>, Doc = unknown> {
  /** The session's stream. */
  readonly url: string
  readonly me: Me
  /** What `createSessionState` returned, for collections of the application's own. */
  readonly state?: SessionState<Own> | undefined
  /** Headers and all else that requests take; functions are asked anew for each attempt. */
  readonly streamOptions?: Omit<StreamOptions, 'url'> | undefined
  /** Names this device, or process, among those of the same participant. Default: a new id. */
  readonly device?: string | undefined
  /** Presence, on a short-lived stream of its own; `false` for none: the stream is read and written only while agents work. */
  readonly presence?: PresenceOptions | false | undefined
  /** Called for every row before it is written; what it returns is written. */
  readonly redact?: Redact | undefined
  /** What `session.document` opens: `yjsDocuments()` of `@streamdb/session/yjs`. */
  readonly documents?: DocumentPlugin<Doc> | undefined
  /**
   * Reads the last `last` messages first, from a snapshot that `createCompactor` of `@streamdb/server` has made; older ones by
   * `loadOlder` and `loadUntil` of a view. Questions, decisions, branches, participants, runs that go on, and the application's own
   * collections are read whole. Without a snapshot, or with `db.storage`, all is read. Default: all messages.
   */
  readonly load?: { readonly last: number } | undefined
  /** Options of the database: storage, live, onError, retry and so on. */
  readonly db?:
    Omit<Partial<CreateStreamDBOptions<SessionState<Own>>>, 'state' | 'stream' | 'streamOptions'> | undefined
}

/** Throws `invalid-options` for options that no session, and no directory, can be opened with. */
export function checkSessionOptions(
  { url, me }: { readonly url?: unknown; readonly me?: Partial<Me> },
  what = 'openSession',
): void {
  if (typeof url !== 'string' || url === '') {
    throw new SessionError('invalid-options', `${what}: expected the URL of the stream as options.url`)
  }
  if (typeof me?.id !== 'string' || me.id === '') {
    throw new SessionError('invalid-options', `${what}: expected who takes part as options.me: { id, name? }`)
  }
}
