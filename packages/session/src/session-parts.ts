import type { CreateStreamDBOptions } from '@streamdb/db'
import type { Attachments } from './attachments.ts'
import type { LogOrder } from './log-order.ts'
import type { PartTexts } from './part-texts.ts'
import type { Presence } from './presence.ts'
import type { Redact } from './redaction.ts'
import type { Participant } from './rows.ts'
import type { ServerClock } from './server-clock.ts'
import type { SessionDB } from './session-db.ts'
import type { Thread } from './thread.ts'

/** The parts of an open session. */
export interface SessionParts {
  readonly db: SessionDB
  readonly order: LogOrder
  readonly texts: PartTexts
  readonly thread: Thread
  readonly presence: Presence | undefined
  /** Says that runs of this process are held, and hears whether those of others are: `presence`, or one that nobody sees. */
  readonly leases: Presence
  readonly attachments: Attachments
  readonly me: Participant
  readonly device: string
  readonly redact: Redact | undefined
  readonly streamOptions: NonNullable<CreateStreamDBOptions['streamOptions']>
  readonly closing: AbortController
  readonly clock: ServerClock
}
