import type { ChatTransport, UIMessage } from 'ai'
import { mainBranch } from '../branches.ts'
import type { SendOptions } from '../composer.ts'
import { SessionError } from '../errors.ts'
import { isOver } from '../run-states.ts'
import type { Session } from '../session.ts'
import type { MessageView } from '../thread.ts'
import type { ChatBranch } from './chat-branch.ts'
import { StoredFiles } from './stored-files.ts'
import { toNewPart, toNewParts } from './user-parts.ts'

/** What a chat sends. */
export type ChatRequest<Message extends UIMessage> = Parameters<ChatTransport<Message>['sendMessages']>[0]

/** Returns what is said of a message besides its parts: mentions, say, out of the request's `body`. */
export type PrepareSend<Message extends UIMessage> = (request: {
  readonly message: Message
  readonly body: object | undefined
  readonly metadata: unknown
}) => Omit<SendOptions, 'id' | 'branch'>

/** What an answer is asked for by: its row's id, and when the log has it. */
export interface Trigger {
  readonly id: string
  readonly written: Promise<unknown>
}

/** Writes what a chat sends as rows of the session: messages, edits, and branches for other answers. */
export class ChatWriter<Message extends UIMessage> {
  readonly #session: Session
  readonly #branch: ChatBranch
  readonly #prepareSend: PrepareSend<Message> | undefined
  readonly #files: StoredFiles

  constructor(session: Session, branch: ChatBranch, prepareSend: PrepareSend<Message> | undefined) {
    this.#session = session
    this.#branch = branch
    this.#prepareSend = prepareSend
    this.#files = new StoredFiles(session.attachments)
  }

  /** Writes a message, or an edit of one that the session has; where it has just that, nothing. */
  async send(
    message: Message,
    { body, metadata, abortSignal }: Pick<ChatRequest<Message>, 'body' | 'metadata' | 'abortSignal'>,
  ): Promise<Trigger> {
    const known = this.#branch.viewOf(message.id)
    const given = toNewParts(message)
    const hasFiles = given.some(({ kind }) => kind === 'file')
    const parts = hasFiles ? await this.#files.store(given, known?.parts, abortSignal) : given
    const prepared = this.#prepareSend?.({ message, body, metadata })
    const options = { ...(message.metadata === undefined ? {} : { metadata: message.metadata }), ...prepared }
    if (known === undefined) {
      const { id } = this.#branch
      const branch = id === mainBranch ? {} : { branch: id }
      return toTrigger(this.#session.send(parts, { ...options, ...branch, id: message.id }))
    }
    if (JSON.stringify(parts) === JSON.stringify(known.parts.map(toNewPart))) {
      // It is there already: what is asked for is its answer.
      const run = this.#branch.runOf(known.message.id)
      return run !== undefined && isOver(run)
        ? this.#regenerate(run.message)
        : { id: known.message.id, written: Promise.resolve() }
    }
    const edited = this.#session.edit(known.message.id, parts, options)
    this.#branch.showEdited(message.id, edited.id)
    return toTrigger(edited)
  }

  /** Asks for another answer in place of one. Throws `not-found`. */
  regenerate(messageId: string | undefined, messages: readonly Message[]): Trigger {
    const views = this.#branch.views()
    const id = messageId ?? lastAnswerBehind(views, messages)
    const index = views.findIndex((view) => view.message.id === this.#branch.viewOf(id ?? '')?.message.id)
    const answer = views.slice(Math.max(0, index)).find(({ message }) => message.role === 'assistant')
    if (index === -1 || answer === undefined) {
      throw new SessionError('not-found', `There is no answer to regenerate in ${this.#session.url}`)
    }
    return this.#regenerate(answer.message.id)
  }

  #regenerate(message: string): Trigger {
    const branch = this.#session.regenerate(message)
    this.#branch.id = branch.id
    return toTrigger(branch)
  }
}

/** The chat has taken the answer away: it is what follows the last message that it has. */
function lastAnswerBehind(views: readonly MessageView[], messages: readonly UIMessage[]): string | undefined {
  const last = messages.at(-1)
  return last?.role === 'user'
    ? last.id
    : [...views].reverse().find(({ message }) => message.role === 'assistant')?.message.id
}

function toTrigger(sending: Promise<unknown> & { readonly id: string }): Trigger {
  return { id: sending.id, written: sending }
}
