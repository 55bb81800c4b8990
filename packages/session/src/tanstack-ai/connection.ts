import type { MessagePart, ModelMessage, StreamChunk, UIMessage } from '@tanstack/ai/client'
import { modelMessageToUIMessage } from '@tanstack/ai/client'
import type { StateDefinition } from '@streamdb/db'
import { SessionError } from '../errors.ts'
import type { NewPart } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { Session } from '../session.ts'
import type { Chunk } from './chunk.ts'
import { ClientWrites } from './client-writes.ts'
import type { SessionConnectionOptions } from './connection-options.ts'
import { Conversation } from './conversation.ts'
import { Feed } from './feed.ts'
import { hasLargeFiles } from './files.ts'
import { hydrate } from './hydrate.ts'
import { interruptsOf, isIntermediate, isTerminal } from './interrupts.ts'
import { cancelAnswer, findRun, runOf, whenAnswered } from './sent.ts'
import type { Sent } from './sent.ts'
import type { HydrateOptions, Hydration, RunContext, SessionConnection } from './toolkit.ts'

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

class Connection implements SessionConnection {
  readonly #session: Session
  readonly #conversation: Conversation
  readonly #feed: Feed
  readonly #writes: ClientWrites
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

  constructor(
    session: Session,
    { answerTimeout = 15_000, cancelOnAbort = true, ...options }: SessionConnectionOptions,
  ) {
    this.#session = session
    this.#conversation = new Conversation(session, options)
    this.#feed = new Feed(this.#conversation)
    this.#writes = new ClientWrites(this.#conversation, this.#feed)
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
    await Promise.all(runs.filter((run) => run !== undefined).map((run) => this.#session.cancel(run)))
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
    const run = findRun(this.#session, runId)
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
      // At a pause the client is to send an answer, which it does not while it reads.
      const isLast = (chunk: Chunk): boolean => interruptsOf(chunk).length > 0
      yield* this.#read({ signal, isHeld: () => false, isEnd, isLast })
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
    // Awaited where there is something to upload alone: see below.
    const uploaded = hasLargeFiles(ui) ? await this.#writes.upload(ui) : new Map<MessagePart, NewPart>()
    if (isAborted(signal)) return
    // The client shows it already: what is made of the rows before they have it would take it away.
    this.#writing++
    this.#queue = this.#feed.keepEnds(this.#queue)
    if (this.#queue.some(({ type }) => type === 'MESSAGES_SNAPSHOT')) this.#begin()
    const sending = this.#writes
      .write(ui, context, uploaded)
      .then((written) => {
        if (written.branch !== undefined && written.branch !== this.branch) this.switchTo(written.branch)
        return written
      })
      .finally(() => {
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
    if (signal?.aborted !== true) void this.#endUnanswered(await sent, context?.runId)
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
  async *#read({ signal, isHeld, isEnd, isLast }: ReadOptions): AsyncGenerator<StreamChunk> {
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
          if (isLast?.(chunk) === true) return
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
    this.#conversation.awaits = (run) => sent !== undefined && runOf(this.#session, sent)?.id === run
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

  /** `stop()` of the client is an abort, and so is that nobody looks any more: then the subscription is aborted too. */
  #cancelOnAbort(signal: AbortSignal | undefined, sent: Sent | Promise<Sent>): void {
    const onAbort = async (): Promise<void> => {
      const subscription = this.#subscription
      const detached = this.#detached
      // The toolkit's hook ends what it has begun in a task of its own behind the abort.
      await nextTask()
      await nextTask()
      if (subscription?.isAborted === true || detached !== this.#detached) return
      await cancelAnswer(this.#conversation, await sent, this.#answerTimeout)
    }
    if (!this.#cancels) return
    signal?.addEventListener('abort', () => void onAbort().catch(() => undefined), { once: true })
  }

  /** Ends what the client waits for where no agent answers. */
  async #endUnanswered(sent: Sent, runId: string | undefined): Promise<void> {
    // Where no agent takes part, nobody is waited for.
    const isForNobody =
      this.#session.collections.agents.size === 0 || (sent.run ?? sent.triggers[0]) === undefined
    const timeout = isForNobody ? 0 : this.#answerTimeout
    const run = await whenAnswered(this.#conversation, sent, timeout)
    if (run !== undefined && run.status !== 'skipped') return
    const { threadId } = this.#conversation
    this.#queue.push({ type: 'RUN_FINISHED', threadId, ...(runId === undefined ? {} : { runId }) })
    this.#conversation.wake()
  }
}

interface ReadOptions {
  readonly signal: AbortSignal | undefined
  /** Somebody else reads. */
  readonly isHeld: () => boolean
  readonly isEnd: () => boolean
  /** Nothing is read behind this one. */
  readonly isLast?: (chunk: Chunk) => boolean
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
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
