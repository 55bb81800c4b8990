import type { ChangeEvent } from '@streamdb/state'
import { DeltaWriter } from './delta-writer.ts'
import { SessionError } from './errors.ts'
import { toPartRows } from './new-parts.ts'
import { orAborted } from './or-aborted.ts'
import { received } from './received.ts'
import type { AgentRunContext } from './run-context.ts'
import type { NewPart, Part } from './rows.ts'
import { sessionState } from './session-state.ts'
import { shortId } from './short-id.ts'
import { isLarge, storeLarge } from './tool-outputs.ts'

/** Tokens as they come, or a whole text. */
export type TextSource = string | Iterable<string> | AsyncIterable<string>

/** The kinds of parts that are written token by token. */
export type StreamingKind = 'text' | 'reasoning' | 'tool-call'

/** What else a part that streams holds from its beginning. */
export type PartFields = Pick<Partial<Part>, 'toolCall' | 'toolName' | 'toolState' | 'metadata'>

/** A part that is written token by token. */
export interface TextWriter {
  readonly part: Part
  /** Adds text, and does not wait. Throws when the run is to end, and behind the part's end. */
  write(text: string): void
  /** Sends text that is gathered, so that it is in the log before what is written next. */
  flush(): void
  /** Settles the part with all of its text; resolves with it when it is stored. */
  end(last?: Partial<Part>): Promise<string>
}

/** What a new part of an answer holds, beside its place. */
export type NewPartRow = Omit<Part, 'id' | 'message' | 'index' | 'attempt' | 'step'>

/** Writes the parts of a run's answer, in the order in which they are begun. */
export class RunOutput {
  readonly #context: AgentRunContext
  /** What has not ended: texts that stream, and tool calls under way. */
  readonly #texts = new Map<string, { readonly writer: DeltaWriter; readonly part: Part }>()
  readonly #calls = new Map<string, Part>()
  readonly #steps: string[] = []
  /** By part, what was too large for the log, and the row that names where it is. */
  readonly #stored = new Map<string, { readonly part: Part; readonly row: Part }>()
  #storing: Promise<unknown> | undefined
  #index: number

  constructor(context: AgentRunContext) {
    this.#context = context
    // Behind what is left of earlier attempts: the parts of completed steps.
    const { parts } = context.session.db.collections
    const { message } = context.held.row
    this.#index = [...parts.values()].reduce(
      (next, part) => (part.message === message ? Math.max(next, part.index + 1) : next),
      0,
    )
  }

  /** Streams a text; resolves with all of it when it is stored. */
  async stream(kind: 'text' | 'reasoning', source: TextSource): Promise<string> {
    checkSource(kind, source)
    if (typeof source === 'string') return (await this.add({ kind, text: source })).text ?? ''
    const writer = this.open(kind)
    const tokens = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
    try {
      for (;;) {
        const next = await orAborted(tokens.next(), this.#context.signal)
        if (next.done === true) break
        writer.write(next.value)
      }
    } catch (error) {
      // Its end is not waited for: a source that hangs is what an abort is for.
      void Promise.resolve(tokens.return?.()).catch(() => undefined)
      // When the run is to end, its end settles the part.
      if (!this.#context.signal.aborted) await writer.end({ state: 'failed' }).catch(() => undefined)
      throw error
    }
    return writer.end()
  }

  /** Begins a part that is written token by token: of a tool call its input. Throws when the run is to end. */
  open(kind: StreamingKind, fields: PartFields = {}): TextWriter {
    const { session, deltas, signal } = this.#context
    signal.throwIfAborted()
    const part: Part = { ...fields, ...this.#newPart(), kind, state: 'streaming' }
    const sink = { append: (events: readonly ChangeEvent[]) => this.#append(() => events) }
    const writer = new DeltaWriter({ part, sink, times: deltas, redact: session.redact })
    this.#texts.set(part.id, { writer, part })
    // Not waited for. Where it is refused, the row that settles the part says what is to be said.
    sink.append([sessionState.parts.insert({ value: part })]).catch(() => undefined)
    return {
      part,
      write: (text) => {
        signal.throwIfAborted()
        checkToken(kind, text)
        writer.write(text)
      },
      flush: () => writer.flush(),
      end: async (last) => {
        signal.throwIfAborted()
        this.#close(part.id)
        // Its input is whole: a call that is under way, until it has a result.
        if (last?.toolState === 'input-available') {
          this.#calls.set(part.id, { ...part, state: 'done', text: writer.text, ...last })
        }
        try {
          const { text = '' } = await writer.end(last)
          return text
        } catch (error) {
          // Nothing has settled it: the run's end does.
          this.#texts.set(part.id, { writer, part })
          throw error
        }
      },
    }
  }

  /** Returns a part at the next place of the answer, which is not written yet. */
  newPart(fields: NewPartRow): Part {
    this.#context.signal.throwIfAborted()
    return { ...fields, ...this.#newPart() }
  }

  /** Adds a part that is whole. Rejects when the run is to end. */
  async add(given: NewPart): Promise<Part> {
    const { held, signal } = this.#context
    signal.throwIfAborted()
    const [shape] = toPartRows(held.row.message, [given])
    const part: Part = { ...given, ...this.#newPart(), kind: shape?.kind ?? 'text', state: 'done' }
    return this.#write(part, (value) => sessionState.parts.insert({ value }))
  }

  /** Adds a tool call, or puts it anew; one that is not over is settled with the run's end. */
  async putCall(part: Part, isOpen: boolean): Promise<void> {
    const before = this.#calls.get(part.id)
    if (isOpen) this.#calls.set(part.id, part)
    const writing = this.#write(part, (value) => {
      // With the run's end it is written again, until a row that is over is on its way.
      if (!isOpen) this.#calls.delete(part.id)
      else if (this.#calls.get(part.id) === part) this.#calls.set(part.id, value)
      return sessionState.parts.upsert({ value })
    })
    try {
      await writing
    } catch (error) {
      // What was not written is not settled either.
      if (isOpen && before === undefined) this.#calls.delete(part.id)
      else if (before !== undefined) this.#calls.set(part.id, before)
      throw error
    }
  }

  /** Resolves when nothing is on its way to an attachment, and what waited for that is on its way to the log. */
  async stored(): Promise<void> {
    while (this.#storing !== undefined) await this.#storing
  }

  /** Writes a part; what is too large for the log is stored beside it, once, and the row names it. Resolves with the row. */
  async #write(part: Part, toEvent: (row: Part) => ChangeEvent): Promise<Part> {
    const known = isLarge(part) ? this.#stored.get(part.id) : { part, row: part }
    if (known !== undefined && known.part.output === part.output && known.part.url === part.url) {
      const row = known.row === part ? part : inPlaceOf(part, known.row)
      await this.#append(() => [toEvent(row)])
      return row
    }
    const { held, session, signal } = this.#context
    const storing = (this.#storing ?? Promise.resolve())
      .then(() => storeLarge(session, part, signal))
      .then((row) => {
        signal.throwIfAborted()
        this.#stored.set(part.id, { part, row })
        return { row, appended: held.append([toEvent(row)]) }
      })
    this.#hold(storing)
    const { row, appended } = await storing
    await appended
    return row
  }

  /** What is written behind it waits for it: the order of the parts in the log is that in which they were written. */
  #hold(storing: Promise<unknown>): void {
    const held = storing.then(
      () => undefined,
      () => undefined,
    )
    this.#storing = held
    // Those who wait for it go first.
    void held
      .then(() => undefined)
      .then(() => undefined)
      .then(() => {
        if (this.#storing === held) this.#storing = undefined
      })
  }

  async #append(toEvents: () => readonly ChangeEvent[]): Promise<void> {
    const { held, signal } = this.#context
    if (this.#storing === undefined) return held.append(toEvents())
    return this.#storing.then(() => {
      signal.throwIfAborted()
      return held.append(toEvents())
    })
  }

  /** Returns a new tool call of this run. */
  newCall(fields: Pick<Part, 'toolCall' | 'toolName' | 'input' | 'toolState'>): Part {
    this.#context.signal.throwIfAborted()
    return { ...this.#newPart(), kind: 'tool-call', state: 'done', ...fields }
  }

  /** Marks what is written meanwhile as of a step. */
  async inStep<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result> {
    this.#steps.push(name)
    try {
      return await fn()
    } finally {
      this.#steps.splice(this.#steps.lastIndexOf(name), 1)
    }
  }

  /** Ends what has not ended; returns the rows that are to be written with the run's end. */
  settleOpen(state: Part['state']): Part[] {
    const texts = [...this.#texts.values()].map(({ writer, part }): Part => {
      this.#close(part.id)
      writer.stop()
      return { ...part, state, text: writer.settledText }
    })
    const calls = [...this.#calls.values()].map((part): Part =>
      part.toolState === 'awaiting-output'
        ? part
        : { ...part, state, toolState: 'output-error', error: state },
    )
    this.#calls.clear()
    return [...texts, ...calls]
  }

  #close(part: string): void {
    const open = this.#texts.get(part)
    this.#texts.delete(part)
    if (open !== undefined) this.#context.held.sweepLater(part, open.writer)
  }

  #newPart(): Pick<Part, 'id' | 'message' | 'index' | 'attempt' | 'step'> {
    const { message, attempt } = this.#context.held.row
    const step = this.#steps.at(-1)
    return { id: shortId(), message, index: this.#index++, attempt, ...(step === undefined ? {} : { step }) }
  }
}

/** Throws `invalid-options` for what is no text, and gives none. */
function checkSource(kind: StreamingKind, source: unknown): void {
  if (typeof source === 'string') return
  const isIterable =
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  if (!isIterable) throw noText(kind, source, 'a text, or an iterable of texts')
}

/** Throws `invalid-options` for a token that is no text. */
function checkToken(kind: StreamingKind, token: unknown): void {
  if (typeof token !== 'string') throw noText(kind, token, 'texts')
}

function noText(kind: StreamingKind, given: unknown, expected: string): SessionError {
  return new SessionError(
    'invalid-options',
    `A part of the kind "${kind}" takes ${expected}, received ${received(given)}. Of a toolkit's stream give its texts: \`textStream\`, for example`,
  )
}

/** Returns the row of a part whose large content is where another row of it says. */
function inPlaceOf(part: Part, { attachment, size, mediaType }: Part): Part {
  const { output: _output, url: _url, ...rest } = part
  return {
    ...rest,
    ...(attachment === undefined ? {} : { attachment }),
    ...(size === undefined ? {} : { size }),
    ...(mediaType === undefined ? {} : { mediaType }),
  }
}
