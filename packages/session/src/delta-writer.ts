import type { ChangeEvent } from '@streamdb/state'
import { SessionError } from './errors.ts'
import { redactText } from './redaction.ts'
import type { Redact } from './redaction.ts'
import type { Part } from './rows.ts'
import { sessionState } from './session-state.ts'

/** When deltas are sent, in milliseconds. */
export interface DeltaTimes {
  /** How long tokens are gathered at first, and later. */
  readonly interval: number
  readonly laterInterval: number
  /** When later begins. */
  readonly later: number
}

/** Short at first, so that an answer begins at once; later longer, as each delta costs a hundred bytes. */
export const deltaTimes: DeltaTimes = { interval: 20, laterInterval: 55, later: 2_000 }

/** What stores the events of a run, in order. */
export interface EventSink {
  append(events: readonly ChangeEvent[]): Promise<unknown>
}

/** What a delta writer writes, and how. */
export interface DeltaWriterOptions {
  /** The part's row, streaming. */
  readonly part: Part
  readonly sink: EventSink
  readonly times?: DeltaTimes | undefined
  readonly redact?: Redact | undefined
}

/**
 * Writes the text of one part as it comes: gathered by time, and by one append at a time. Nobody waits for an append.
 *
 * The part is settled by one append, with the whole text from this writer's own buffer, when its source has ended.
 */
export class DeltaWriter {
  readonly #options: DeltaWriterOptions
  readonly #times: DeltaTimes
  readonly #startedAt = performance.now()
  #text = ''
  /** What was sent of it, as others see it. */
  #sent = ''
  #deltas = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAppending = false
  #failure: { readonly error: unknown } | undefined
  #isEnded = false

  constructor(options: DeltaWriterOptions) {
    this.#options = options
    this.#times = options.times ?? deltaTimes
  }

  /** How many deltas were written: they are swept by their keys. */
  get deltas(): number {
    return this.#deltas
  }

  /** All of the text so far, as it is shown to others in the end. */
  get text(): string {
    const { redact, part } = this.#options
    return redactText(redact, part, this.#text)
  }

  /** All of the text, or what was sent of it where the hook refuses the rest: for a part that is settled whatever happens. */
  get settledText(): string {
    try {
      return this.text
    } catch {
      return this.#sent
    }
  }

  /** Adds text. Throws what an append before has failed with, and `part-ended` behind the end. */
  write(text: string): void {
    if (this.#failure) throw this.#failure.error
    if (this.#isEnded) {
      throw new SessionError('part-ended', `Part ${this.#options.part.id} has ended: it takes no more text`)
    }
    this.#text += text
    this.#schedule()
  }

  /** Sends what is gathered: what is appended next comes behind it in the log. */
  flush(): void {
    if (this.#isEnded || this.#failure !== undefined) return
    clearTimeout(this.#timer)
    this.#send()
  }

  /** Settles the part, with what else its row holds by now. Rejects where it could not be stored. */
  async end(last: Partial<Part> = {}): Promise<Part> {
    this.#isEnded = true
    clearTimeout(this.#timer)
    const { part, sink } = this.#options
    // Not awaited before: the settled row is queued behind the deltas that are under way.
    const settled: Part = { ...part, state: 'done', ...last, text: last.text ?? this.text }
    await sink.append([sessionState.parts.update({ value: settled })])
    return settled
  }

  /** Ends it without settling the part: its row is written with other rows. */
  stop(): void {
    this.#isEnded = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isAppending) return
    const { interval, laterInterval, later } = this.#times
    const isLater = performance.now() - this.#startedAt > later
    this.#timer = setTimeout(() => this.#send(), isLater ? laterInterval : interval)
  }

  #send(): void {
    this.#timer = undefined
    const { part, sink } = this.#options
    let text: string
    try {
      text = this.#unsent()
    } catch (error) {
      // Thrown by a hook, in a timer: whoever writes on is told.
      this.#failure = { error }
      return
    }
    if (text === '') return
    this.#sent += text
    const event = sessionState.deltas.insert({ key: `${part.id}:${this.#deltas++}`, value: { text } })
    this.#isAppending = true
    void sink.append([event]).then(
      () => this.#onAppended(),
      (error: unknown) => {
        this.#isAppending = false
        this.#failure = { error }
      },
    )
  }

  #onAppended(): void {
    this.#isAppending = false
    if (this.#isEnded) return
    if (this.#sent.length < this.#text.length) this.#schedule()
  }

  /** Returns what may be sent now and was not. A secret may be half written: the end is held back until more text follows it. */
  #unsent(): string {
    const { part, redact } = this.#options
    const shown = redactText(redact, part, this.#text)
    const text = shown.slice(
      this.#sent.length,
      redact ? Math.max(0, shown.length - redactionWindow) : undefined,
    )
    // Half a character is no Unicode: not every server and reader keeps it.
    return isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(0, -1) : text
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

/** How many characters at the end of a text that streams are held back where a redaction hook may yet replace them. */
export const redactionWindow = 64
