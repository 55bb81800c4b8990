import type { ModelMessage, StreamChunk, UIMessage } from '@tanstack/ai/client'
import { modelMessageToUIMessage } from '@tanstack/ai/client'
import type { StateDefinition } from '@streamdb/db'
import { branchOf, mainBranch } from '../branches.ts'
import { SessionError } from '../errors.ts'
import type { Run } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { Session } from '../session.ts'
import { adapterName } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { Conversation } from './conversation.ts'
import { Feed } from './feed.ts'
import { hydrate } from './hydrate.ts'
import { baseRunId, isIntermediate, isTerminal } from './interrupts.ts'
import { newToolResults, resume, toMessageMetadata, toNewParts } from './outgoing.ts'
import { asRecord } from './segment.ts'
import type { HydrateOptions, Hydration, RunContext, SessionConnection } from './toolkit.ts'

/** Options of `sessionConnection`. */
export interface SessionConnectionOptions {
  /** Absent: the first branch. */
  readonly branch?: string | undefined
  /**
   * How long the client waits for an agent to begin, in milliseconds; behind that it is told that nobody answers. An answer
   * that comes later is shown all the same. Default 15,000.
   */
  readonly answerTimeout?: number | undefined
  /**
   * Whether the client's `stop()` cancels the run: it is an abort, as is that a view goes away. With `false` no abort cancels
   * anything, and `connection.stop()` does. Default `true`: an abort cancels, unless the view goes away with it (the client is
   * disposed of or attached anew in the same moment).
   */
  readonly cancelOnAbort?: boolean | undefined
}

/**
 * Returns a connection for `useChat` of TanStack AI: what everybody says, and every run, is shown by the client; what it sends
 * is written to the session. One client has one connection.
 *
 * @example
 * ```ts
 * const connection = sessionConnection(session)
 * const chat = useChat({ connection, threadId: session.url, persistence: true, live: true })
 * ```
 */
export function sessionConnection<Own extends StateDefinition>(
  session: Session<Own>,
  options: SessionConnectionOptions = {},
): SessionConnection {
  // Whatever collections the application has beside them, those of a session are what they are.
  return new Connection(session as unknown as Session, options)
}

/** What was sent, and is to be answered by a run. */
interface Sent {
  /** The rows that the run answers; or the run itself. */
  readonly triggers: readonly string[]
  readonly run?: string | undefined
}

/** What is shown here, and when it is stored. */
interface Written {
  readonly sent: Sent
  readonly isStored: Promise<unknown>
}

class Connection implements SessionConnection {
  readonly #session: Session
  readonly #conversation: Conversation
  readonly #feed: Feed
  readonly #answerTimeout: number
  #queue: Chunk[] = []
  /** The subscription that the client has, and the runs that it reads by themselves meanwhile. */
  #subscription: { isAborted: boolean } | undefined
  #joins = 0
  /** What the client has sent and the rows do not have yet. */
  #writing = 0
  #sentRunId: string | undefined
  readonly #cancels: boolean
  /** Counts what says that an abort was no stop: nobody looks any more, or the view is attached anew. */
  #detached = 0

  constructor(session: Session, { branch, answerTimeout = 15_000, cancelOnAbort = true }: SessionConnectionOptions) {
    this.#session = session
    this.#conversation = new Conversation(session, branch)
    this.#feed = new Feed(this.#conversation)
    this.#answerTimeout = answerTimeout
    this.#cancels = cancelOnAbort
  }

  get branch(): string {
    return this.#conversation.branch
  }

  switchTo(branch: string): void {
    this.#conversation.switchTo(branch)
    this.#begin()
  }

  detach(): void {
    this.#detached++
  }

  async stop(): Promise<void> {
    const runs = this.#conversation.all().map((view) => this.#conversation.activeRun(view))
    await Promise.all(runs.map((run) => run && this.#session.cancel(run)))
  }

  subscribe(signal?: AbortSignal): AsyncIterable<StreamChunk> {
    const subscription = { isAborted: signal?.aborted === true }
    signal?.addEventListener('abort', () => (subscription.isAborted = true), { once: true })
    this.#subscription = subscription
    this.#begin()
    return this.#read({ signal, isHeld: () => this.#joins > 0, isEnd: () => false })
  }

  async *joinRun(runId: string, signal?: AbortSignal): AsyncIterable<StreamChunk> {
    await this.#session.preload(signal === undefined ? {} : { signal })
    const run = this.#find(runId)
    if (run === undefined)
      throw new SessionError('not-found', `There is no run "${runId}" in ${this.#session.url}`)
    this.#cancelOnAbort(signal, { triggers: [], run: run.id })
    this.#joins++
    this.#conversation.currentRunId = runId
    this.#begin()
    try {
      if (isOver(run)) {
        // Its end is among the messages.
        yield* this.#read({ signal, isHeld: () => false, isEnd: () => true })
        yield toStreamChunk({ type: 'RUN_FINISHED', threadId: this.#conversation.threadId, runId })
        return
      }
      // Without a subscription the other runs that are going on come this way too.
      const isEnd = (): boolean => !this.#feed.isGiving(this.#isSubscribed() ? run.id : undefined)
      yield* this.#read({ signal, isHeld: () => false, isEnd })
    } finally {
      this.#joins--
      this.#conversation.wake()
    }
  }

  async hydrate(threadId: string, options: HydrateOptions = {}): Promise<Hydration> {
    this.#detached++
    await this.#session.preload()
    this.#conversation.threadId = threadId
    return hydrate(this.#conversation, options, (message) => this.#feed.markDelivered(message))
  }

  async send(
    messages: UIMessage[] | ModelMessage[],
    _data?: Record<string, unknown>,
    signal?: AbortSignal,
    context?: RunContext,
  ): Promise<void> {
    const ui = messages.map((message) => ('parts' in message ? message : modelMessageToUIMessage(message)))
    this.#conversation.currentRunId = this.#sentRunId = context?.runId
    // The client shows it already: what is made of the rows before they have it would take it away.
    this.#writing++
    this.#queue = this.#feed.keepEnds(this.#queue)
    if (this.#queue.some(({ type }) => type === 'MESSAGES_SNAPSHOT')) this.#begin()
    const sending = this.#write(ui, context).finally(() => {
      this.#writing--
      this.#conversation.wake()
    })
    // From here on: it may be stopped before it is stored.
    const sent = sending.then(({ sent: written }) => written)
    this.#cancelOnAbort(signal, sent)
    this.#await(sent, signal)
    await orAborted(
      sending.then(async ({ isStored }) => isStored),
      signal,
    )
    if (signal?.aborted !== true) this.#endUnanswered(await sent, context?.runId)
  }

  async #write(messages: readonly UIMessage[], context: RunContext | undefined): Promise<Written> {
    const session = this.#session
    await session.preload()
    if (context?.resume !== undefined && context.resume.length > 0) {
      const [run] = await resume(session, context.resume, this.#conversation.resolved)
      return { sent: { triggers: [], run }, isStored: Promise.resolve() }
    }
    const isNew = ({ id, role }: UIMessage): boolean => role === 'user' && session.message(id) === undefined
    let start = messages.length
    for (let last = messages[start - 1]; last !== undefined && isNew(last); last = messages[start - 1])
      start--
    const news = messages.slice(start)
    if (news.length > 0) return this.#writeAll(news, messages[start - 1], context)
    const last = messages.at(-1)
    const sent = last?.role === 'assistant' ? await this.#answerTools(last) : await this.#regenerate(last?.id)
    return { sent, isStored: Promise.resolve() }
  }

  #writeAll(
    news: readonly UIMessage[],
    before: UIMessage | undefined,
    context: RunContext | undefined,
  ): Written {
    const edited = this.#editedBy(before)
    const stored = news.map((message, index) => {
      const options = { id: message.id, metadata: toMessageMetadata(message, context) }
      const parts = toNewParts(message)
      this.#feed.markDelivered(message.id)
      if (index > 0 || edited === undefined) {
        return this.#session.send(parts, {
          ...options,
          ...(this.branch === mainBranch ? {} : { branch: this.branch }),
        })
      }
      const sending = this.#session.edit(edited, parts, options)
      this.#follow(message.id)
      return sending
    })
    return { sent: { triggers: news.map(({ id }) => id) }, isStored: Promise.all(stored) }
  }

  /** The message of a person that the client has taken away, and the one that it sends stands in place of. */
  #editedBy(before: UIMessage | undefined): string | undefined {
    const shown = this.#conversation.shown()
    const owner =
      before &&
      shown.findIndex((view) => this.#conversation.uiMessages(view).some(({ id }) => id === before.id))
    const next = shown[owner === undefined ? 0 : owner + 1]
    if (next === undefined || owner === -1 || next.message.role !== 'user' || !this.#isTaken(next.message.id))
      return undefined
    return next.message.id
  }

  /** Whether the client has a message: it was given, and more was asked for since. */
  #isTaken(message: string): boolean {
    return this.#queue.length === 0 && this.#feed.has(message)
  }

  async #regenerate(message: string | undefined): Promise<Sent> {
    const all = this.#conversation.all()
    const index = all.findIndex((view) => view.message.id === message)
    const answer = all.slice(index + 1).find((view) => view.message.role === 'assistant')
    if (index === -1 || answer === undefined) return { triggers: message === undefined ? [] : [message] }
    const { id } = await this.#session.regenerate(answer.message)
    this.switchTo(id)
    return { triggers: [id] }
  }

  async #answerTools(message: UIMessage): Promise<Sent> {
    const results = newToolResults(this.#session, message)
    const decisions = await Promise.all(
      results.map(({ toolCall, output }) => this.#session.answer(toolCall, output)),
    )
    const owner = this.#conversation
      .all()
      .find((view) => this.#conversation.uiMessages(view).some(({ id }) => id === message.id))
    return { triggers: decisions.map(({ id }) => id), run: owner && this.#conversation.activeRun(owner)?.id }
  }

  /** Shows the branch that an edit has made. */
  #follow(message: string): void {
    const branch = this.#session.message(message)?.message
    if (branch !== undefined) this.switchTo(branchOf(branch))
  }

  #begin(): void {
    this.#queue = []
    this.#feed.sync()
    this.#conversation.wake()
  }

  #isSubscribed(): boolean {
    return this.#subscription !== undefined && !this.#subscription.isAborted
  }

  /** Yields what comes, while it is not held, until the end. */
  async *#read({ signal, isHeld, isEnd }: ReadOptions): AsyncGenerator<StreamChunk> {
    await this.#session.preload(signal === undefined ? {} : { signal })
    const stop = this.#conversation.watch()
    try {
      while (signal?.aborted !== true) {
        const { version } = this.#conversation
        const chunk = this.#writing > 0 || isHeld() ? undefined : this.#next()
        if (chunk !== undefined) {
          // The client takes it at once; behind it, it may send again.
          if (isTerminal(chunk) && !isIntermediate(chunk)) this.#stopWaiting()
          yield toStreamChunk(chunk)
          continue
        }
        if (this.#writing === 0 && !isHeld() && isEnd()) return
        await this.#conversation.changed(version, signal)
      }
    } finally {
      stop()
    }
  }

  /** The client waits for the run that answers what it has sent. */
  #await(sending: Promise<Sent>, signal: AbortSignal | undefined): void {
    let sent: Sent | undefined
    sending.then(
      (written) => (sent = written),
      () => this.#stopWaiting(),
    )
    this.#conversation.awaits = (run) => sent !== undefined && this.#runOf(sent)?.id === run
    signal?.addEventListener('abort', () => this.#stopWaiting(), { once: true })
  }

  #stopWaiting(): void {
    // A run that it has joined it keeps.
    if (this.#conversation.currentRunId === this.#sentRunId) this.#conversation.currentRunId = undefined
    this.#conversation.awaits = undefined
    this.#conversation.wake()
  }

  #next(): Chunk | undefined {
    if (this.#queue.length === 0) this.#queue = this.#feed.take()
    return this.#queue.shift()
  }

  /** Finds a run by its id, or by that which this or another client has given it. */
  #find(runId: string): Run | undefined {
    const run = this.#session.run(baseRunId(runId))
    if (run !== undefined) return run
    const runs = [...this.#session.collections.runs.values()]
    return runs.find(({ triggers }) =>
      triggers.some((id) => {
        const metadata = asRecord(this.#session.message(id)?.message.metadata)
        return asRecord(metadata?.[adapterName])?.['runId'] === runId
      }),
    )
  }

  #runOf({ triggers, run }: Sent): Run | undefined {
    if (run !== undefined) return this.#session.run(run)
    const runs = [...this.#session.collections.runs.values()]
    return runs.find((each) => each.triggers.some((id) => triggers.includes(id)))
  }

  /** `stop()` of the client is an abort, and so is that nobody looks any more: then the subscription is aborted too. */
  #cancelOnAbort(signal: AbortSignal | undefined, sent: Sent | Promise<Sent>): void {
    const onAbort = async (): Promise<void> => {
      const subscription = this.#subscription
      const detached = this.#detached
      // The toolkit's hook ends what it has begun in a task of its own behind the abort.
      await nextTask()
      await nextTask()
      if (subscription?.isAborted === true || detached !== this.#detached) return
      await this.#cancel(await sent)
    }
    if (!this.#cancels) return
    signal?.addEventListener('abort', () => void onAbort().catch(() => undefined), { once: true })
  }

  /** Cancels the run that answers, now or as soon as there is one. */
  async #cancel(sent: Sent): Promise<void> {
    const stop = this.#conversation.watch()
    try {
      const end = performance.now() + this.#answerTimeout
      for (let run = this.#runOf(sent); performance.now() < end; run = this.#runOf(sent)) {
        const { version } = this.#conversation
        if (run !== undefined) {
          if (!isOver(run)) await this.#session.cancel(run)
          return
        }
        await this.#conversation.changed(version, AbortSignal.timeout(this.#answerTimeout))
      }
    } finally {
      stop()
    }
  }

  /** Ends what the client waits for where no agent answers. */
  #endUnanswered(sent: Sent, runId: string | undefined): void {
    const { threadId } = this.#conversation
    const end = (): void => {
      this.#queue.push({ type: 'RUN_FINISHED', threadId, ...(runId === undefined ? {} : { runId }) })
      this.#conversation.wake()
    }
    void (async () => {
      const stop = this.#conversation.watch()
      const deadline = AbortSignal.timeout(
        this.#session.collections.agents.size === 0 ? 0 : this.#answerTimeout,
      )
      try {
        for (;;) {
          const { version } = this.#conversation
          const run = this.#runOf(sent)
          if (run !== undefined && run.status !== 'skipped') return
          if (run !== undefined || deadline.aborted) {
            end()
            return
          }
          await this.#conversation.changed(version, deadline)
        }
      } finally {
        stop()
      }
    })()
  }
}

interface ReadOptions {
  readonly signal: AbortSignal | undefined
  /** Somebody else reads. */
  readonly isHeld: () => boolean
  readonly isEnd: () => boolean
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

async function orAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await promise
    return
  }
  await new Promise<void>((resolve, reject) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    promise.then(() => resolve(), reject)
  })
}

function toStreamChunk(chunk: Chunk): StreamChunk {
  // Kinds that the toolkit's types do not have are passed on by its client.
  return chunk as unknown as StreamChunk
}
