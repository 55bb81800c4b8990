import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai'
import { SessionError } from '../errors.ts'
import { isOver } from '../run-states.ts'
import type { Run } from '../rows.ts'
import type { Session } from '../session.ts'
import type { MessageView } from '../thread.ts'
import { OutputReader } from '../tool-outputs.ts'
import { ChatBranch } from './chat-branch.ts'
import { chatStream } from './chat-stream.ts'
import type { ChatStreamOptions } from './chat-stream.ts'
import { ChatWriter } from './chat-writer.ts'
import type { ChatRequest, PrepareSend, Trigger } from './chat-writer.ts'
import { toUIMessage } from './to-ui-messages.ts'
import { behind, decideParts } from './tool-decisions.ts'

type Reconnect<Message extends UIMessage> = Parameters<ChatTransport<Message>['reconnectToStream']>[0]

/** Options of `sessionTransport`. */
export interface SessionTransportOptions<Message extends UIMessage = UIMessage> {
  /** The branch that is shown at first. Default: the first one. */
  readonly branch?: string | undefined
  /** Returns what is said of a message besides its parts: mentions, say, out of the request's `body`. */
  readonly prepareSend?: PrepareSend<Message> | undefined
  /** How long a run is waited for whose process died, in milliseconds, before the stream ends with an error. Default 5,000. */
  readonly takeoverTimeout?: number | undefined
  /**
   * Whether `chat.stop()` also cancels runs that the chat has not sent, but resumed. With `false` it detaches, and
   * `transport.stop()` cancels. Default `false`.
   */
  readonly cancelOnAbort?: boolean | undefined
}

/**
 * Returns a `ChatTransport` of the AI SDK that talks through a session: what a chat sends becomes a message, and the answers
 * of its agents come back, whichever process writes them and whichever toolkit it uses.
 *
 * @example
 * ```ts
 * const transport = sessionTransport(session)
 * const chat = useChat({ transport, messages: transport.messages(), resume: true })
 * ```
 */
export function sessionTransport<Message extends UIMessage = UIMessage>(
  session: Session,
  options: SessionTransportOptions<Message> = {},
): SessionTransport<Message> {
  return new SessionTransport<Message>(session, options)
}

/** A `ChatTransport` on a session. */
export class SessionTransport<Message extends UIMessage = UIMessage> implements ChatTransport<Message> {
  /** A stream that is resumed has the whole answer. */
  readonly resumeStreamIsReplay = true
  readonly session: Session
  readonly #options: SessionTransportOptions<Message>
  readonly #branch: ChatBranch
  readonly #writer: ChatWriter<Message>
  readonly #streaming = new Set<ReturnType<typeof chatStream> & { messageId?: string }>()
  readonly #listeners = new Set<() => void>()
  readonly #shown = new WeakMap<MessageView, Message>()
  readonly #outputs: OutputReader
  /** Counts how often somebody has asked for what goes on. */
  #resumes = 0

  constructor(session: Session, options: SessionTransportOptions<Message> = {}) {
    this.session = session
    this.#options = options
    this.#branch = new ChatBranch(session, options.branch)
    this.#writer = new ChatWriter(session, this.#branch, options.prepareSend)
    this.#outputs = new OutputReader(session.attachments, () => this.#notify())
  }

  /** The branch that is shown: another one when a message is edited, or answered again. */
  get branch(): string {
    return this.#branch.id
  }

  set branch(branch: string) {
    this.#branch.id = branch
    this.#notify()
  }

  /** The ids of the messages that are being streamed into a chat. */
  get streaming(): ReadonlySet<string> {
    return new Set([...this.#streaming].map(({ messageId }) => messageId).filter((id) => id !== undefined))
  }

  /** Tells of streams that begin and end, and of another branch. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Returns the messages of the branch, for a chat that begins with them. */
  messages(): Message[] {
    return this.#branch.views().flatMap((view) => {
      const { run } = view.message
      const row = run === undefined ? undefined : this.session.run(run)
      if (row === undefined || isOver(row)) return [this.#settled(view)]
      const message = toUIMessage<Message>(view, this.session)
      // A chat of version 6 goes on with a call whose input streams, also where a stream has all of it again.
      const parts = message.parts.filter((part) => !('state' in part && part.state === 'input-streaming'))
      return parts.length === 0 ? [] : [{ ...message, parts }]
    })
  }

  /** Returns a message that nobody writes: the same object until something happens to it. */
  #settled(view: MessageView): Message {
    const known = this.#shown.get(view)
    if (known !== undefined) return known
    const message = toUIMessage<Message>(view, this.session)
    // A result that is beside the log is there when it is read.
    if (!this.#outputs.isReading(view.parts)) this.#shown.set(view, message)
    return message
  }

  /** Cancels the runs that go on in the branch, by an event that reaches whoever holds them. Runs that end meanwhile are none. */
  async stop(): Promise<void> {
    await Promise.all(this.#branch.activeRuns().map((run) => this.#branch.cancel(run)))
  }

  /**
   * Writes what the chat sends, and returns the answer. An abort, which is what `chat.stop()` does, cancels the run. Rejects
   * with `already-decided`, `not-found` and `run-over`.
   */
  async sendMessages(request: ChatRequest<Message>): Promise<ReadableStream<UIMessageChunk>> {
    const { trigger, messages, messageId, abortSignal } = request
    const target =
      (messageId === undefined ? undefined : messages.find(({ id }) => id === messageId)) ?? messages.at(-1)
    if (trigger === 'regenerate-message')
      return this.#answerTo(this.#writer.regenerate(messageId, messages), abortSignal)
    if (target === undefined)
      throw new SessionError('invalid-options', 'sendMessages: there is no message to send')
    if (target.role === 'assistant') return this.#goOn(target, abortSignal)
    return this.#answerTo(await this.#writer.send(target, request), abortSignal)
  }

  /**
   * Returns the runs of the branch that go on, each from its beginning, and `null` where there is none. An abort detaches the
   * chat, and the runs go on: `stop` cancels them.
   */
  async reconnectToStream({
    abortSignal,
  }: Reconnect<Message>): Promise<ReadableStream<UIMessageChunk> | null> {
    this.#resumes++
    await this.session.preload({ ...(abortSignal === undefined ? {} : { signal: abortSignal }) })
    if (this.#branch.activeRuns().length === 0) return null
    // What goes on now, and what begins meanwhile, also where it is over before its turn comes.
    const done = new Set(
      this.#branch
        .runs()
        .filter(isOver)
        .map(({ id }) => id),
    )
    const next = (): Run | 'end' => {
      const run = this.#branch.runs().find(({ id }) => !done.has(id))
      if (run === undefined) return 'end'
      done.add(run.id)
      return run
    }
    return this.#open({ next }, abortSignal, () => void this.#afterAbort())
  }

  /** A resume that takes another's place aborts it and begins in the same turn; a stop is an abort and nothing more. */
  async #afterAbort(): Promise<void> {
    if (this.#options.cancelOnAbort !== true) return
    const resumes = this.#resumes
    await new Promise((resolve) => setTimeout(resolve, 0))
    if (resumes === this.#resumes) await this.stop().catch(() => undefined)
  }

  /** Returns the stream of the run that answers something; it may begin later. */
  #answerTo(trigger: Trigger, abortSignal: AbortSignal | undefined): ReadableStream<UIMessageChunk> {
    let isFollowed = false
    const next = (): Run | 'end' | undefined => {
      if (isFollowed) return 'end'
      const run = this.#branch.runOf(trigger.id)
      isFollowed = run !== undefined
      return run
    }
    return this.#open({ next, written: trigger.written }, abortSignal, () =>
      this.#branch.cancelAnswer(trigger.id),
    )
  }

  /** Answers calls of an answer, as the chat has them, and returns how it goes on. */
  async #goOn(
    message: Message,
    abortSignal: AbortSignal | undefined,
  ): Promise<ReadableStream<UIMessageChunk>> {
    await this.session.preload()
    const view = this.#branch.viewOf(message.id)
    const run = view?.message.run === undefined ? undefined : this.session.run(view.message.run)
    if (view === undefined || run === undefined) {
      throw new SessionError('not-found', `There is no answer "${message.id}" in ${this.session.url}`)
    }
    const calls = await decideParts(this.session, message, view)
    if (calls.length === 0 && isOver(run)) {
      throw new SessionError(
        'run-over',
        `The run "${run.id}" has ended: send a message, or regenerate the answer`,
      )
    }
    let isFollowed = false
    const next = (): Run | 'end' | undefined => {
      if (isFollowed) return 'end'
      isFollowed = true
      return run
    }
    const isWanted = behind(calls)
    return this.#open({ next, isWanted }, abortSignal, () => void this.#branch.cancel(run))
  }

  #open(
    what: Pick<ChatStreamOptions, 'next' | 'isWanted'> & Partial<Pick<Trigger, 'written'>>,
    abortSignal: AbortSignal | undefined,
    onAbort: () => void,
  ): ReadableStream<UIMessageChunk> {
    const { written, ...options } = what
    const opened: { entry?: ReturnType<typeof chatStream> & { messageId?: string } } = {}
    let messageId: string | undefined
    const abort = (): void => {
      onAbort()
      opened.entry?.close()
    }
    const chat = chatStream(this.session, {
      ...options,
      takeoverTimeout: this.#options.takeoverTimeout ?? 5_000,
      onMessage: (id) => {
        messageId = id
        if (opened.entry !== undefined) opened.entry.messageId = id
      },
      onEnd: () => {
        abortSignal?.removeEventListener('abort', abort)
        if (opened.entry !== undefined) this.#streaming.delete(opened.entry)
        isEnded = true
        this.#notify()
      },
    })
    let isEnded = false
    const entry = messageId === undefined ? { ...chat } : { ...chat, messageId }
    opened.entry = entry
    if (!isEnded) this.#streaming.add(entry)
    abortSignal?.addEventListener('abort', abort, { once: true })
    if (abortSignal?.aborted === true) abort()
    // What was refused is rolled back: nobody will answer it.
    written?.catch((error: unknown) => chat.close(error instanceof Error ? error : new Error(String(error))))
    this.#notify()
    // The chunks of the toolkit, as they were written.
    return chat.stream as ReadableStream<unknown> as ReadableStream<UIMessageChunk>
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
