/** A value that JSON holds. */
export type Json = unknown

/** Who wrote a message, for a model: a person, an agent, or the application. */
export type Role = 'user' | 'assistant' | 'system'

/** A message of the conversation; what it says is in its parts. Its place follows from the log, never from a clock. */
export interface Message {
  readonly id: string
  readonly role: Role
  /** The participant that wrote it. */
  readonly author: string
  /** The branch that it belongs to; absent: the first one. */
  readonly branch?: string
  /** The run that writes it. */
  readonly run?: string
  /** The participants that it calls upon, by id. */
  readonly mentions?: readonly string[]
  /** A message that it answers, for display: it orders nothing. */
  readonly replyTo?: string
  /** When its writer's clock said that it was written, ISO 8601, for display: it orders nothing. */
  readonly createdAt?: string
  readonly metadata?: Json
}

/** `raw`: an event of a toolkit that no other kind stands for; `name` says whose, and only its adapter reads it. */
export type PartKind = 'text' | 'reasoning' | 'tool-call' | 'file' | 'source' | 'data' | 'raw'

/** `streaming`: its deltas are being written. The others are final: the row holds all of it. */
export type PartState = 'streaming' | 'done' | 'interrupted' | 'failed'

/** How far a tool call is. */
export type ToolState =
  | 'input-streaming'
  | 'input-available'
  | 'awaiting-approval'
  | 'awaiting-output'
  | 'output-available'
  | 'output-error'
  | 'denied'

/** A piece of a message: text, reasoning, a tool call with its result, a file, a source, or data of the application. */
export interface Part {
  readonly id: string
  readonly message: string
  /** Its place among the parts of its message, which has one writer. */
  readonly index: number
  readonly kind: PartKind
  readonly state: PartState
  /** The whole text, once it is settled; while it streams, the text is in the deltas. */
  readonly text?: string
  /** A tool call's id, name, input and outcome. */
  readonly toolCall?: string
  readonly toolName?: string
  readonly toolState?: ToolState
  readonly input?: Json
  readonly output?: Json
  readonly error?: string
  /** A file or a source: where it is, what it is; `attachment` is the manifest row of one that was uploaded here. */
  readonly url?: string
  readonly mediaType?: string
  readonly name?: string
  readonly size?: number
  readonly attachment?: string
  /** Data of the application, or of a toolkit: `name` says what it is. */
  readonly data?: Json
  /** The step and the attempt of the run in which it was written. */
  readonly step?: string
  readonly attempt?: number
  readonly metadata?: Json
}

/** A few tokens of a part that streams. Its key is `part:sequence`; its part follows from the key. */
export interface Delta {
  readonly id: string
  readonly text: string
}

/** What a writer gives for a delta: the key is the event's. */
export interface DeltaInput {
  readonly id?: string
  readonly text: string
}

/** `running`, `waiting` (for a decision or an answer) and `interrupted` (to be taken over) go on; the others are ends. */
export type RunStatus =
  'running' | 'waiting' | 'interrupted' | 'done' | 'failed' | 'cancelled' | 'superseded' | 'skipped'

/** An agent's work on something that it was triggered by. Written by its holder alone, whose epoch fences all others. */
export interface Run {
  readonly id: string
  readonly agent: string
  readonly status: RunStatus
  /** The rows that it answers: messages, tool answers, branches, queue items, or ticks of a schedule. */
  readonly triggers: readonly string[]
  /** The message that it writes. */
  readonly message: string
  readonly branch?: string
  /** Counts the processes that held it, from 1. */
  readonly attempt: number
  /** The producer's epoch of its holder. */
  readonly epoch: number
  /** The device that holds it, whose heartbeat is on the presence stream. */
  readonly holder?: string
  /** How many runs of agents lie between it and a person's message. */
  readonly depth?: number
  /**
   * How many attempts do not count against the budget: those that were handed over on purpose, while the run waited for a decision or
   * after it had completed a step.
   */
  readonly freeAttempts?: number
  /** Why it ended so: a code and words. */
  readonly code?: string
  readonly reason?: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly metadata?: Json
}

/** What a step of a run returned: it is not run again. */
export interface Step {
  readonly id: string
  readonly run: string
  readonly name: string
  readonly output?: Json
  readonly attempt: number
}

/** How a question of a run stands: `pending` until it is decided, has expired, or its run was cancelled. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'answered' | 'expired' | 'cancelled'

/** A question of a run to the participants. Only the holder of the run writes it; decisions are rows of their own. */
export interface Approval {
  readonly id: string
  readonly run: string
  readonly agent: string
  /** `approval`: yes or no. `input`: an answer of any shape. */
  readonly kind: 'approval' | 'input'
  readonly status: ApprovalStatus
  readonly question?: string
  readonly data?: Json
  /** The tool call that it is about. */
  readonly toolCall?: string
  /** When it expires by the stream server's clock (`session.now()`), in milliseconds since the epoch. */
  readonly expiresAt?: number
  /** The decision that counted, who made it, and what was answered. */
  readonly decision?: string
  readonly by?: string
  readonly value?: Json
  /** In place of a value that is too large for the log: where it is, as JSON. */
  readonly attachment?: string
  readonly reason?: string
}

/** What a decision says: about an approval, the answer to a question or a tool call, or that a run is to end. */
export type Verdict = 'approve' | 'deny' | 'answer' | 'cancel'

/** What a participant decided about an approval, a tool call or a run: `subject`. Keyed `subject:actor`. The first in the log counts. */
export interface Decision {
  readonly id: string
  readonly subject: string
  readonly actor: string
  readonly device?: string
  readonly verdict: Verdict
  readonly value?: Json
  /** In place of a value that is too large for the log: where it is, as JSON. */
  readonly attachment?: string
  readonly reason?: string
}

/** Another way on from a place of the conversation: what came before `from` is shared; `from` and what follows it are not. */
export interface Branch {
  readonly id: string
  /** The branch that it leaves; absent: the first one. */
  readonly parent?: string
  /** The message that it replaces. */
  readonly from: string
  readonly kind: 'edit' | 'regenerate'
  readonly by: string
  /** The agent that is asked to answer again. */
  readonly agent?: string
}

/** An agent that takes part. */
export interface Agent {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly concurrency?: string
  /** What was in the log when it first joined is not for it, until this message; absent: all is. */
  readonly after?: string
}

/** A person or an agent that takes part. */
export interface Participant {
  readonly id: string
  readonly kind: 'person' | 'agent'
  readonly name?: string
  readonly avatar?: string
  readonly data?: Json
}

/** A part as a participant gives it. */
export interface NewPart {
  readonly kind?: PartKind
  readonly text?: string
  readonly url?: string
  readonly mediaType?: string
  readonly name?: string
  readonly size?: number
  readonly attachment?: string
  readonly data?: Json
  readonly metadata?: Json
}

/** A message that waits for an agent that is busy (`queue`), or is for its run that is going on (`steer`). */
export interface QueueItem {
  readonly id: string
  readonly author: string
  readonly mode: 'queue' | 'steer'
  readonly parts: readonly NewPart[]
  readonly branch?: string
  readonly mentions?: readonly string[]
  readonly replyTo?: string
  readonly metadata?: Json
  /** The run that is steered. */
  readonly run?: string
  /** `taken`: the run has it. `late`: the run had ended, and it became a message. */
  readonly outcome?: 'taken' | 'late'
}

/** The manifest of a binary stream: an attachment, or a large tool result. */
export interface Attachment {
  readonly id: string
  readonly name: string
  readonly mediaType: string
  readonly size: number
  /** Where the bytes are, from the session's URL on: `session.attachments.url(id)` says it whole. */
  readonly url: string
  readonly state: 'uploading' | 'ready' | 'failed'
  readonly by: string
}

/** A shared document beside the session: what is in it is on streams of its own. */
export interface DocumentRow {
  readonly id: string
  readonly title?: string
  readonly by: string
  /** Where it is on the server of documents. */
  readonly path: string
  /** In a fork: the document of the source, which it begins with. */
  readonly source?: string
  /** When its maker's clock said that it was made, ISO 8601, for display. */
  readonly createdAt?: string
  readonly metadata?: Json
}
