import type { MessagePart, UIMessage } from '@tanstack/ai/client'
import { branchOf, mainBranch } from '../branches.ts'
import type { NewPart } from '../rows.ts'
import type { Session } from '../session.ts'
import type { Conversation } from './conversation.ts'
import type { Feed } from './feed.ts'
import { largeFiles, uploadFile } from './files.ts'
import { newToolResults, resume, toMessageMetadata, toNewParts } from './outgoing.ts'
import type { Sent } from './sent.ts'
import type { RunContext } from './toolkit.ts'

/** What is shown here, and when it is stored. */
export interface Written {
  readonly sent: Sent
  /** The branch that the client shows from now on, where it is another one. */
  readonly branch?: string | undefined
  readonly isStored: Promise<unknown>
}

interface SendContext {
  readonly context: RunContext | undefined
  readonly uploaded: ReadonlyMap<MessagePart, NewPart>
}

/** Writes what a client sends, which is all that it shows: finds what is new of it. */
export class ClientWrites {
  readonly #conversation: Conversation
  readonly #feed: Pick<Feed, 'has' | 'markDelivered'>

  constructor(conversation: Conversation, feed: Pick<Feed, 'has' | 'markDelivered'>) {
    this.#conversation = conversation
    this.#feed = feed
  }

  /** Writes new messages, answers to pauses, or results of tools; with none of them it asks for another answer. */
  async write(
    messages: readonly UIMessage[],
    context: RunContext | undefined,
    uploaded: ReadonlyMap<MessagePart, NewPart>,
  ): Promise<Written> {
    const session = this.#session
    await session.preload()
    if (context?.resume !== undefined && context.resume.length > 0) {
      const [run] = await resume(session, context.resume, this.#conversation.resolved)
      return { sent: { triggers: [], run }, isStored: Promise.resolve() }
    }
    const news = this.#newOf(messages)
    if (news.length > 0) {
      return this.#sendAll(news, messages[messages.length - news.length - 1], { context, uploaded })
    }
    const last = messages.at(-1)
    return last?.role === 'assistant' ? this.#answerTools(last) : this.#regenerate(last?.id)
  }

  /** Uploads files that are too large for the log; the client shows their messages meanwhile. */
  async upload(messages: readonly UIMessage[]): Promise<ReadonlyMap<MessagePart, NewPart>> {
    const uploaded = new Map<MessagePart, NewPart>()
    this.#conversation.unsent = this.#newOf(messages)
    try {
      await this.#session.preload()
      const news = this.#newOf(messages)
      this.#conversation.unsent = news
      for (const file of news.flatMap(largeFiles)) {
        uploaded.set(file, await uploadFile(this.#session.attachments, file))
      }
    } finally {
      this.#conversation.unsent = []
    }
    return uploaded
  }

  /** The messages at the end that the session does not have. */
  #newOf(messages: readonly UIMessage[]): readonly UIMessage[] {
    const isNew = ({ id, role }: UIMessage): boolean =>
      role === 'user' && this.#session.message(id) === undefined
    let start = messages.length
    for (let last = messages[start - 1]; last !== undefined && isNew(last); last = messages[start - 1])
      start--
    return messages.slice(start)
  }

  get #session(): Session {
    return this.#conversation.session
  }

  #sendAll(
    news: readonly UIMessage[],
    before: UIMessage | undefined,
    { context, uploaded }: SendContext,
  ): Written {
    const edited = this.#editedBy(before)
    let { branch } = this.#conversation
    const stored = news.map((message, index) => {
      const options = { id: message.id, metadata: toMessageMetadata(message, context) }
      const parts = toNewParts(message, uploaded)
      this.#feed.markDelivered(message.id)
      if (index > 0 || edited === undefined) {
        return this.#session.send(parts, { ...options, ...(branch === mainBranch ? {} : { branch }) })
      }
      const sending = this.#session.edit(edited, parts, options)
      const row = this.#session.message(message.id)?.message
      if (row !== undefined) branch = branchOf(row)
      return sending
    })
    return { sent: { triggers: news.map(({ id }) => id) }, branch, isStored: Promise.all(stored) }
  }

  /** The message of a person that the client has and has taken away: what it sends stands in its place. */
  #editedBy(before: UIMessage | undefined): string | undefined {
    const shown = this.#conversation.shown()
    const owner = before === undefined ? undefined : this.#indexOf(before.id)
    const next = shown[owner === undefined ? 0 : owner + 1]
    if (owner === -1 || next?.message.role !== 'user' || !this.#feed.has(next.message.id)) return undefined
    return next.message.id
  }

  async #regenerate(message: string | undefined): Promise<Written> {
    const all = this.#conversation.all()
    const index = all.findIndex((view) => view.message.id === message)
    const answer =
      index === -1 ? undefined : all.slice(index + 1).find((view) => view.message.role === 'assistant')
    if (answer === undefined) {
      return { sent: { triggers: message === undefined ? [] : [message] }, isStored: Promise.resolve() }
    }
    const sending = this.#session.regenerate(answer.message)
    return { sent: { triggers: [sending.id] }, branch: sending.id, isStored: sending.then(() => undefined) }
  }

  async #answerTools(message: UIMessage): Promise<Written> {
    const results = newToolResults(this.#session, message)
    const decisions = await Promise.all(
      results.map(({ toolCall, output }) => this.#session.answer(toolCall, output)),
    )
    const owner = this.#conversation.shown()[this.#indexOf(message.id)]
    const run = owner && this.#conversation.activeRun(owner)?.id
    return { sent: { triggers: decisions.map(({ id }) => id), run }, isStored: Promise.resolve() }
  }

  /** The place of the message that the client shows as this one. */
  #indexOf(id: string): number {
    return this.#conversation
      .shown()
      .findIndex(
        (view) =>
          view.message.id === id || this.#conversation.uiMessages(view).some((each) => each.id === id),
      )
  }
}
