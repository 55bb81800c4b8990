// More than 300 lines: the facade of a session. Every member is documented here, and asks the part that knows.
import { dehydrate } from '@streamdb/db'
import type {
  CollectionMap,
  DehydratedStream,
  Readable,
  StateDefinition,
  Status,
  StreamDB,
} from '@streamdb/db'
import { AgentWorker } from './agent-worker.ts'
import { resolveAgentOptions } from './agent-options.ts'
import type { AgentOptions } from './agent-options.ts'
import { alternativesOf } from './alternatives.ts'
import type { AlternativesOptions } from './alternatives.ts'
import { mainBranch } from './branches.ts'
import type { Attachments } from './attachments.ts'
import { Composer } from './composer.ts'
import type { Profile, SendOptions } from './composer.ts'
import { Decisions } from './decisions.ts'
import type { DecisionOptions } from './decisions.ts'
import { Documents } from './documents.ts'
import type { DocumentOptions, DocumentPlugin } from './documents.ts'
import { SessionError } from './errors.ts'
import { fork } from './fork.ts'
import type { ForkOptions } from './fork.ts'
import type { OrderedType } from './log-order.ts'
import { toModelMessages, withoutOpenCalls } from './model-messages.ts'
import type { ModelMessage } from './model-messages.ts'
import type { Content } from './new-parts.ts'
import type { Presence } from './presence.ts'
import type {
  Branch,
  Decision,
  DocumentRow,
  Json,
  Message,
  Part,
  Participant,
  QueueItem,
  Run,
} from './rows.ts'
import { isActive, isOver } from './run-states.ts'
import { search } from './search.ts'
import type { SearchHit } from './search.ts'
import type { SessionParts } from './session-parts.ts'
import type { SessionState } from './session-state.ts'
import { withTexts } from './thread.ts'
import { partReaders } from './tool-outputs.ts'
import type { MessageView } from './thread.ts'
import { createView } from './view.ts'
import type { SessionView, ViewOptions } from './view.ts'
import type { Sending } from './writing.ts'

/** Names a row: by itself, or by its id. */
export type Named<Row extends { readonly id: string }> = string | Pick<Row, 'id'>

/** A shared conversation of people and agents, open on this device. */
export class Session<Own extends StateDefinition = Record<never, never>, Doc = unknown> {
  readonly url: string
  readonly me: Participant
  readonly device: string
  /** The database below: every collection of the session and of the application, for live queries. */
  readonly db: StreamDB<SessionState<Own>>
  readonly collections: CollectionMap<SessionState<Own>>
  /** Who is there; absent with `presence: false`. */
  readonly presence: Presence | undefined
  /** Binary streams beside the log: files, and large results of tools. */
  readonly attachments: Attachments
  readonly #parts: SessionParts
  readonly #documents: Documents<Doc>
  readonly #composer: Composer
  readonly #decisions: Decisions
  readonly #agents = new Map<string, AgentWorker>()

  constructor(db: StreamDB<SessionState<Own>>, parts: SessionParts, documents?: DocumentPlugin<Doc>) {
    this.db = db
    this.collections = db.collections
    this.url = db.stream.url
    this.me = parts.me
    this.device = parts.device
    this.presence = parts.presence
    this.attachments = parts.attachments
    this.#parts = parts
    this.#documents = new Documents(parts, documents)
    this.#composer = new Composer(parts)
    this.#decisions = new Decisions(parts)
  }

  get status(): Status {
    return this.db.status
  }

  /** Resolves when all of the session is visible. Rejects as `preload` of the database does. */
  preload(options?: Parameters<StreamDB<SessionState<Own>>['preload']>[0]): Promise<void> {
    return this.db.preload(options)
  }

  /** Changes how this participant is called and shown: for those who are there, and in the rows of participants. */
  updateMe(profile: Profile): void {
    this.#composer.updateMe(profile)
    this.presence?.announce()
  }

  /** Writes a message: shown at once, confirmed by the log. Throws `invalid-options` for content that says nothing. */
  send(content: Content, options?: SendOptions): Sending<Message> {
    return this.#composer.send(content, options)
  }

  /** Writes a message in place of another, in a branch of its own. Throws `not-found`. */
  edit(message: Named<Message>, content: Content, options?: SendOptions): Sending<Message> {
    return this.#composer.edit(idOf(message), content, options)
  }

  /** Asks for another answer in place of this one, in a branch of its own. Throws `not-found`. */
  regenerate(message: Named<Message>): Sending<Branch> {
    return this.#composer.regenerate(idOf(message))
  }

  /** Keeps a message for when the agents are no longer busy; it becomes a message then, at once where none is busy. */
  enqueue(content: Content, options?: SendOptions): Sending<QueueItem> {
    return this.#composer.enqueue(content, options)
  }

  /** Gives a message to a run that is going on; by default to the latest. Throws `run-over`, and `not-found`. */
  steer(
    content: Content,
    options: SendOptions & { readonly run?: Named<Run> | undefined } = {},
  ): Sending<QueueItem> {
    const { run: named, ...rest } = options
    const run = named === undefined ? this.#latestRun(rest.branch) : this.run(idOf(named))
    if (run === undefined) throw new SessionError('not-found', `There is no run to steer in ${this.url}`)
    if (isOver(run)) throw new SessionError('run-over', `The run "${run.id}" has ended: it is ${run.status}`)
    return this.#composer.steer(run, content, rest)
  }

  /** Asks whoever holds a run to end it. Resolves when the log has that. Rejects with `run-over` and `not-found`. */
  cancel(run: Named<Run>, options?: DecisionOptions): Promise<void> {
    return this.#decisions.cancel(idOf(run), options)
  }

  /** Approves. Rejects with `already-decided` where another decision is before it in the log, `expired`, `not-found`. */
  approve(
    approval: Named<{ readonly id: string }>,
    options?: DecisionOptions & { readonly value?: unknown },
  ): Promise<Decision> {
    return this.#decisions.decide(idOf(approval), 'approve', options)
  }

  /** Denies; rejects as `approve` does. */
  deny(
    approval: Named<{ readonly id: string }>,
    options?: DecisionOptions & { readonly value?: unknown },
  ): Promise<Decision> {
    return this.#decisions.decide(idOf(approval), 'deny', options)
  }

  /** Answers a tool call of this device, by its id, or a question of a run; rejects as `approve` does. */
  answer(subject: Named<{ readonly id: string }>, value: unknown): Promise<Decision> {
    return this.#decisions.answer(idOf(subject), value)
  }

  /** Returns the stream server's time, by which approvals expire, as far as this device was told of it: `Date.now()` otherwise. */
  now(): number {
    return this.#parts.clock.now()
  }

  run(run: Named<Run>): Run | undefined {
    return this.#parts.db.collections.runs.get(idOf(run))
  }

  /** Returns the messages of a branch as a value that changes. Close it when it is no longer used. */
  view(options?: ViewOptions): SessionView {
    return createView(this.#parts.thread, options)
  }

  /** Returns the messages of a branch with their parts, as they are now; a text that streams as far as it is. */
  thread({ branch }: { readonly branch?: string | undefined } = {}): readonly MessageView[] {
    const { thread, texts } = this.#parts
    return withTexts(
      thread.messagesOf(branch).map((id) => thread.view(id)),
      texts,
    )
  }

  /** Returns a message with its parts as it is now. */
  message(message: Named<Message>): MessageView | undefined {
    return this.#parts.thread.view(idOf(message))
  }

  /** Returns the text of a part as a value that changes: of one that streams, delta by delta. */
  text(part: Named<{ readonly id: string }>): Readable<string> {
    return this.#parts.texts.of(idOf(part))
  }

  /** Returns the branches in which something else stands at the place of a message, that of the message among them. */
  alternatives(message: Named<Message>, options?: AlternativesOptions): readonly string[] {
    const { db, thread, order } = this.#parts
    return alternativesOf(idOf(message), { collections: db.collections, thread, order }, options)
  }

  /**
   * Returns where a row was inserted into the log: the smaller, the earlier; `Infinity` for one that the log does not have
   * yet. Collections are in no such order.
   */
  placeOf(type: OrderedType, row: Named<{ readonly id: string }>): number {
    return this.#parts.order.of(type, idOf(row))
  }

  /** Returns the decision that counts about an approval, a tool call or a run: the first in the log, if there is one. */
  decision(subject: Named<{ readonly id: string }>): Decision | undefined {
    return this.#parts.order.firstDecision(idOf(subject))
  }

  /** Returns the parts that hold the words, of all branches, or of one. */
  search(text: string, { branch }: { readonly branch?: string | undefined } = {}): SearchHit[] {
    const { thread, texts, db } = this.#parts
    const ids = branch === undefined ? thread.all() : thread.messagesOf(branch)
    const views = ids.map((id) => thread.view(id)).filter((view) => view !== undefined)
    return db.status.name === 'closed' ? [] : search(views, (part) => texts.get(part.id), text)
  }

  /** Resolves with the result of a tool call, also where it is too large for the log. Rejects with `not-found`. */
  async toolOutput(part: Named<Part>): Promise<Json> {
    const row = this.#parts.db.collections.parts.get(idOf(part))
    if (row === undefined)
      throw new SessionError('not-found', `There is no part "${idOf(part)}" in ${this.url}`)
    return row.attachment === undefined ? row.output : this.attachments.readJson(row.attachment)
  }

  /**
   * Returns the messages of a branch as a model reads them: with tool calls and results, reasoning and files. Calls that have no
   * result yet are left out: models refuse them.
   */
  toModelMessages({ branch }: { readonly branch?: string | undefined } = {}): ModelMessage[] {
    const { thread, texts } = this.#parts
    const views = thread.messagesOf(branch).map((id) => thread.view(id))
    return toModelMessages(
      views.filter((view) => view !== undefined).map(withoutOpenCalls),
      (part) => texts.get(part.id),
      partReaders(this.#parts),
    )
  }

  /**
   * Opens a shared document beside the session, and lists it where it is new (`collections.documents`). Close it when it is no
   * longer used. Throws `invalid-options` where `openSession` was given no `documents`.
   */
  document(id: Named<DocumentRow>, options?: DocumentOptions): Doc {
    return this.#documents.open(idOf(id), options)
  }

  /**
   * Makes another session of what is visible here, or of what is until a message: by the protocol's forks, without copying
   * the log. What is going on here has ended there. Rejects with `not-found` and `request-failed`.
   */
  fork(options: ForkOptions = {}): Promise<{ readonly url: string }> {
    return fork(this.#parts, options)
  }

  /**
   * Returns all rows in the order of the log, for the option `db.hydrate` of another session: a server's, for its page.
   * Throws `invalid-options` before all of it is read.
   */
  dehydrate(): DehydratedStream {
    const { order } = this.#parts
    const { items, ...rest } = dehydrate(this.db)
    // Types without a place come last.
    const placed = items.map((item) => ({ item, place: order.of(item.type as OrderedType, item.key) }))
    placed.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place))
    return { ...rest, items: placed.map(({ item }) => item) }
  }

  /**
   * Runs an agent in this process, until it is stopped or the session is closed. Processes that run the same name share its
   * work. Throws `invalid-options`, also where this session runs the agent already.
   */
  agent(options: AgentOptions): AgentWorker {
    const resolved = resolveAgentOptions(options)
    const known = this.#agents.get(options.name)
    if (known !== undefined && !known.isStopped) {
      throw new SessionError(
        'invalid-options',
        `session.agent: this session runs the agent "${options.name}" already`,
      )
    }
    const worker = new AgentWorker(this.#parts, resolved)
    this.#agents.set(options.name, worker)
    void worker.start()
    return worker
  }

  /** Ends the session on this device. Final, and may be called again. Stop agents before, so that they hand over their runs. */
  close(): void {
    const { closing, thread, texts, order, db, leases } = this.#parts
    if (closing.signal.aborted) return
    for (const agent of this.#agents.values()) agent.abandon()
    void leases.leave()
    closing.abort(new SessionError('closed', `The session of ${this.url} was closed`))
    thread.stop()
    texts.stop()
    order.stop()
    db.close()
  }

  #latestRun(branch: string = mainBranch): Run | undefined {
    const { db, order } = this.#parts
    const runs = [...db.collections.runs.values()].filter(
      (run) => isActive(run) && (run.branch ?? mainBranch) === branch,
    )
    return runs.sort((a, b) => order.of('run', a.id) - order.of('run', b.id)).at(-1)
  }
}

function idOf(named: Named<{ readonly id: string }>): string {
  return typeof named === 'string' ? named : named.id
}
