import type { Attachments } from './attachments.ts'
import { SessionError } from './errors.ts'
import { toModelMessages, withoutOpenCalls } from './model-messages.ts'
import type { ModelMessage } from './model-messages.ts'
import { plainRow } from './plain-row.ts'
import { messageEvents } from './queued-message.ts'
import type { AgentRunContext } from './run-context.ts'
import { RunOutput } from './run-output.ts'
import type { NewPartRow, PartFields, StreamingKind, TextSource, TextWriter } from './run-output.ts'
import { RunQuestions } from './run-questions.ts'
import type { Answer, Question } from './run-questions.ts'
import { callTool } from './run-tools.ts'
import type { ToolCall } from './run-tools.ts'
import type { Json, NewPart, Part, QueueItem, Run } from './rows.ts'
import type { SessionDB } from './session-db.ts'
import { sessionState } from './session-state.ts'
import { withTexts } from './thread.ts'
import { partReaders } from './tool-outputs.ts'
import type { MessageView } from './thread.ts'

/** A run as its handler sees it: what it answers, and what it writes. */
export class AgentRun {
  readonly #context: AgentRunContext
  readonly #output: RunOutput
  readonly #questions: RunQuestions
  readonly #steers = new Set<string>()
  /** What is being written, whether the handler waits for it or not. */
  readonly #writing = new Set<Promise<unknown>>()
  /** How often a step of a name was begun in this attempt. */
  readonly #steps = new Map<string, number>()

  constructor(context: AgentRunContext) {
    this.#context = context
    this.#output = new RunOutput(context)
    this.#questions = new RunQuestions(context)
  }

  get id(): string {
    return this.#context.held.row.id
  }

  /** Its row as it was written last. */
  get row(): Run {
    return this.#context.held.row
  }

  /** Counts the processes, and the tries, from 1. */
  get attempt(): number {
    return this.row.attempt
  }

  get branch(): string | undefined {
    return this.row.branch
  }

  /** Aborts when the run is to end, and when it has ended: give it to the model. */
  get signal(): AbortSignal {
    return this.#context.signal
  }

  /** The messages that the run answers. */
  get triggers(): readonly MessageView[] {
    const { thread } = this.#context.session
    return this.row.triggers.map((id) => thread.view(id)).filter((view) => view !== undefined)
  }

  /** The collections of the session, as this process has read them. */
  get collections(): SessionDB['collections'] {
    return this.#context.session.db.collections
  }

  /** Files, and large results of tools: for handlers that read or write them. */
  get attachments(): Attachments {
    return this.#context.session.attachments
  }

  /** Returns the messages of the branch with their parts, but for the run's own; a text that streams as far as it is. */
  thread(): readonly MessageView[] {
    const { thread, texts } = this.#context.session
    const ids = thread.messagesOf(this.branch).filter((id) => id !== this.row.message)
    return withTexts(
      ids.map((id) => thread.view(id)),
      texts,
    )
  }

  /**
   * Returns the messages of the branch as a model reads them; with `own`, also what this run has written so far. Tool calls of others
   * that have no result yet are left out: models refuse them.
   */
  messages({ own = false }: { readonly own?: boolean } = {}): ModelMessage[] {
    const { thread, texts } = this.#context.session
    const ids = thread.messagesOf(this.branch).filter((id) => own || id !== this.row.message)
    const views = ids
      .map((id) => thread.view(id))
      .filter((view) => view !== undefined)
      .map((view) => (view.message.id === this.row.message ? view : withoutOpenCalls(view)))
    return toModelMessages(views, (part) => texts.get(part.id), partReaders(this.#context.session))
  }

  /**
   * Streams a text into the answer; resolves with all of it when it is stored. Rejects where the source throws, and with
   * `invalid-options` where it gives anything but texts. A run is not done before its texts have ended.
   */
  text(source: TextSource): Promise<string> {
    return this.#written(this.#output.stream('text', source))
  }

  /** Streams reasoning into the answer. */
  reasoning(source: TextSource): Promise<string> {
    return this.#written(this.#output.stream('reasoning', source))
  }

  /**
   * Begins a part that is written token by token, for sources of one's own. The text of a tool call is its input, as far as
   * it has come.
   */
  openText(kind: StreamingKind = 'text', fields?: PartFields): TextWriter {
    return this.#output.open(kind, fields)
  }

  /** Writes a part of this answer anew. With `isOpen` it is not over: where the run ends before, it ends with the run. */
  putPart(part: Part, { isOpen = false }: { readonly isOpen?: boolean } = {}): Promise<void> {
    this.signal.throwIfAborted()
    return this.#output.putCall(part, isOpen)
  }

  /** Returns a part at the next place of the answer, for `putPart`: it is not written yet. */
  newPart(fields: NewPartRow): Part {
    return this.#output.newPart(fields)
  }

  /** Returns the parts of the answer as they were written last, those that completed steps of earlier attempts left among them. */
  parts(): readonly Part[] {
    return this.#context.held.parts()
  }

  /** Adds a part: a file, a source, data of the application. */
  part(part: NewPart): Promise<Part> {
    return this.#written(this.#output.add(part))
  }

  /** Adds data of the application under a name. */
  data(name: string, data: Json): Promise<Part> {
    return this.#written(this.#output.add({ kind: 'data', name, data }))
  }

  /**
   * Calls a tool: the call, and what it returned, are a part of the answer. With `approval` the participants are asked
   * before; without `run` one of them answers. Rejects with `denied`, `expired`, or what the tool throws.
   */
  tool<Input, Output>(call: ToolCall<Input, Output>): Promise<Output> {
    const calling = callTool(call, {
      output: this.#output,
      questions: this.#questions,
      session: this.#context.session,
      signal: this.signal,
    })
    const settled = handled(calling).catch(() => undefined)
    // What the participants answer may be answered when the run has ended. The part of a call says what failed.
    if (call.run !== undefined) void this.#written(settled)
    return calling
  }

  /** Asks the participants, and waits for the first decision. Rejects with `expired`, and when the run is to end. */
  ask(question: string | Question): Promise<Answer> {
    return handled(this.#questions.ask(typeof question === 'string' ? { question } : question))
  }

  /**
   * Runs a step once: what it returned is stored, and returned again where the run is taken over or tried again. What it
   * writes into the answer stays then. Steps of one name, as in a loop, are told apart by their order: `name`, `name#2`, and so
   * on. The result is what JSON makes of it: after a restart a date is a text.
   */
  step<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result> {
    const count = (this.#steps.get(name) ?? 0) + 1
    this.#steps.set(name, count)
    return this.#written(this.#step(count === 1 ? name : `${name}#${count}`, fn))
  }

  async #step<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result> {
    const { held, signal } = this.#context
    const id = `${this.id}:${name}`
    const known = held.step(id)
    // It was stored as what this function returned.
    if (known !== undefined) return known.output as Result
    signal.throwIfAborted()
    const result = await this.#output.inStep(name, fn)
    signal.throwIfAborted()
    const output = result === undefined ? {} : { output: result }
    await held.append([
      sessionState.steps.insert({ value: { id, run: this.id, name, attempt: this.attempt, ...output } }),
    ])
    return result
  }

  /** Takes the messages that participants have sent to this run: they are messages of the conversation from now on. */
  async takeSteers(): Promise<readonly QueueItem[]> {
    const { session, held } = this.#context
    const items = [...session.db.collections.queueItems.values()].filter(
      ({ id, mode, run, outcome }) =>
        mode === 'steer' && run === this.id && outcome === undefined && !this.#steers.has(id),
    )
    if (items.length === 0) return items
    for (const { id } of items) this.#steers.add(id)
    await held.append([
      ...items.flatMap((item) => [
        ...messageEvents(item),
        sessionState.queueItems.update({ value: { ...plainRow(item), outcome: 'taken' } }),
      ]),
      held.change({ triggers: [...this.row.triggers, ...items.map(({ id }) => id)] }),
    ])
    return items
  }

  /** Calls upon other participants, agents among them: an agent answers when this run is done. */
  async mention(...names: readonly string[]): Promise<void> {
    const { session, held } = this.#context
    const message = session.db.collections.messages.get(this.row.message)
    if (message === undefined) throw new SessionError('not-found', `The run "${this.id}" has no message`)
    const mentions = [...new Set([...(message.mentions ?? []), ...names])]
    await held.append([sessionState.messages.update({ value: { ...plainRow(message), mentions } })])
  }

  /** Gives the run to another process of the agent; this one's handler is aborted with `lease-lost`. */
  async handOver(): Promise<void> {
    await this.#context.handOver()
  }

  /**
   * Resolves when everything is written that the handler has begun to write, also what it did not wait for. Rejects where that
   * fails.
   */
  async finished(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing)
  }

  /** Resolves when what is too large for the log is stored beside it. */
  async stored(): Promise<void> {
    await this.#output.stored()
  }

  /** Returns what has not ended, as it is to be written with the run's end. */
  settleOpen(state: Part['state'] = 'interrupted'): Part[] {
    return this.#output.settleOpen(state)
  }

  #written<Result>(writing: Promise<Result>): Promise<Result> {
    this.#writing.add(writing)
    const forget = (): void => void this.#writing.delete(writing)
    writing.then(forget, forget)
    return writing
  }
}

/** A handler that does not wait ends no process: what failed is in the log, or the run has ended. */
function handled<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined)
  return promise
}
