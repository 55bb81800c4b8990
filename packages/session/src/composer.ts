import { branchOf } from './branches.ts'
import { SessionError } from './errors.ts'
import { toNewParts, toPartRows } from './new-parts.ts'
import type { Content } from './new-parts.ts'
import { plainRow } from './plain-row.ts'
import { redactRow } from './redaction.ts'
import type { Redact } from './redaction.ts'
import type { Branch, Message, NewPart, Participant, QueueItem, Run } from './rows.ts'
import type { SessionDB } from './session-db.ts'
import { shortId } from './short-id.ts'
import { write } from './writing.ts'
import type { Sending } from './writing.ts'

/** What is said of a message beside its parts. */
export interface SendOptions {
  /** The message's id, where the application gives it: sent again with the same id, it is the same message. */
  readonly id?: string | undefined
  readonly branch?: string | undefined
  /** Participants, agents among them, that are called upon. */
  readonly mentions?: readonly string[] | undefined
  readonly replyTo?: string | undefined
  readonly metadata?: unknown
}

/** How a participant is called and shown. */
export type Profile = Partial<Pick<Participant, 'name' | 'avatar'>>

/** Who writes, and where. */
export interface ComposerContext {
  readonly db: SessionDB
  readonly me: Participant
  readonly redact?: Redact | undefined
}

/** Writes the messages of a participant: optimistic, each one transaction. */
export class Composer {
  readonly #context: ComposerContext
  readonly #underWay = new Map<string, Sending<{ readonly id: string }>>()

  constructor(context: ComposerContext) {
    this.#context = context
  }

  /** Writes a message at the end of a branch; one that is there already, by its id, is not written again. */
  send(content: Content, options: SendOptions = {}): Sending<Message> {
    const parts = toNewParts(content)
    const known = this.#known(options.id, this.#context.db.collections.messages)
    if (known !== undefined) return known
    const message = this.#message(options)
    return this.#keep(write(this.#context.db, message, () => this.#insert(message, parts)))
  }

  /** Writes a message in place of another: a branch that has what came before it. */
  edit(id: string, content: Content, options: SendOptions = {}): Sending<Message> {
    const parts = toNewParts(content)
    const edited = this.#find(id)
    const branch = this.#branch(edited, 'edit')
    const message: Message = { ...this.#message({ ...options, branch: branch.id }), role: edited.role }
    const { mentions } = options.mentions ? options : edited
    const whole = mentions === undefined ? message : { ...message, mentions }
    return write(this.#context.db, whole, () => {
      this.#context.db.collections.branches.insert(branch)
      this.#insert(whole, parts)
    })
  }

  /** Asks the agent that wrote a message to answer again, in a branch that has what came before it. */
  regenerate(id: string): Sending<Branch> {
    const message = this.#find(id)
    const branch: Branch = { ...this.#branch(message, 'regenerate'), agent: message.author }
    return write(this.#context.db, branch, () => {
      this.#join()
      this.#context.db.collections.branches.insert(branch)
    })
  }

  /** Keeps a message for an agent that is busy; it becomes a message when the agent takes it. */
  enqueue(content: Content, options: SendOptions = {}): Sending<QueueItem> {
    return this.#queue({ mode: 'queue' }, content, options)
  }

  /** Gives a message to a run that is going on. Throws `run-over` where it has ended. */
  steer(run: Run, content: Content, options: SendOptions = {}): Sending<QueueItem> {
    return this.#queue({ mode: 'steer', run: run.id }, content, { branch: run.branch, ...options })
  }

  /** Says how this participant is called; who has not written yet is made known by the first message. */
  updateMe(profile: Profile): void {
    const { db, me } = this.#context
    // All parts of the session share it.
    Object.assign(me, profile)
    if (db.collections.participants.has(me.id)) void write(db, me, () => this.#join())
  }

  #queue(mode: Pick<QueueItem, 'mode' | 'run'>, content: Content, options: SendOptions): Sending<QueueItem> {
    const { db, me } = this.#context
    const { id = shortId(), branch, mentions, replyTo, metadata } = options
    const parts = toNewParts(content)
    const known = this.#known(id, db.collections.queueItems)
    if (known !== undefined) return known
    const item = this.#redacted('queueItem', {
      ...{ id, author: me.id, ...mode, parts },
      ...(branch === undefined ? {} : { branch }),
      ...(mentions === undefined ? {} : { mentions }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(metadata === undefined ? {} : { metadata }),
    } satisfies QueueItem)
    // The agent has taken it: it is a message, under the same id.
    if (db.collections.messages.has(id)) return written(item)
    return this.#keep(
      write(db, item, () => {
        this.#join()
        db.collections.queueItems.insert(item)
      }),
    )
  }

  #message({ id = shortId(), branch, mentions, replyTo, metadata }: SendOptions): Message {
    const { me } = this.#context
    return this.#redacted('message', {
      ...{ id, role: me.kind === 'agent' ? 'assistant' : 'user', author: me.id },
      ...(branch === undefined ? {} : { branch }),
      ...(mentions === undefined ? {} : { mentions }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(metadata === undefined ? {} : { metadata }),
      createdAt: new Date().toISOString(),
    } satisfies Message)
  }

  #branch(message: Message, kind: Branch['kind']): Branch {
    const parent = branchOf(message)
    return { id: shortId(), parent, from: message.id, kind, by: this.#context.me.id }
  }

  #insert(message: Message, parts: readonly NewPart[]): void {
    const { collections } = this.#context.db
    this.#join()
    collections.messages.insert(message)
    for (const part of toPartRows(message.id, parts)) collections.parts.insert(this.#redacted('part', part))
  }

  /** Makes this participant known with its first write, and when it has another name. */
  #join(): void {
    const { db } = this.#context
    const me = this.#redacted('participant', { ...this.#context.me })
    const { participants } = db.collections
    const known = participants.get(me.id)
    if (known === undefined) participants.insert(me)
    else if (known.name !== me.name || known.avatar !== me.avatar) {
      participants.update(me.id, (row) => void Object.assign(row, me))
    }
  }

  /** Returns what is written under an id: it is on its way, or there. */
  #known<Row extends { readonly id: string }>(
    id: string | undefined,
    rows: { get(id: string): Row | undefined },
  ): Sending<Row> | undefined {
    const row = id === undefined ? undefined : rows.get(id)
    if (row === undefined) return undefined
    // Under one id there is one row.
    return (this.#underWay.get(row.id) as Sending<Row> | undefined) ?? written(plainRow(row))
  }

  /** Remembers a write until it is confirmed, or refused. */
  #keep<Row extends { readonly id: string }>(sending: Sending<Row>): Sending<Row> {
    const forget = (): void => void this.#underWay.delete(sending.id)
    this.#underWay.set(sending.id, sending)
    sending.then(forget, forget)
    return sending
  }

  #find(id: string): Message {
    const message = this.#context.db.collections.messages.get(id)
    if (message !== undefined) return message
    throw new SessionError('not-found', `There is no message "${id}" in ${this.#context.db.stream.url}`)
  }

  #redacted<Row extends { readonly id: string }>(type: string, row: Row): Row {
    return redactRow(this.#context.redact, type, row.id, row)
  }
}

function written<Row extends { readonly id: string }>(row: Row): Sending<Row> {
  return Object.assign(Promise.resolve(row), { id: row.id })
}
