import type { ChangeEvent } from '@streamdb/state'
import { offsetOf } from './scripted-log.ts'
import type { ScriptedLog } from './scripted-log.ts'

/** An append of a client. */
export interface ScriptedWrite {
  /** The events, as the client has sent them. */
  readonly events: readonly ChangeEvent[]
  readonly headers: Headers
}

/** Takes the appends of a scripted stream. It knows producers: what was stored already is answered, and not stored again. */
export class ScriptedWrites {
  readonly #log: ScriptedLog
  readonly #all: ScriptedWrite[] = []
  readonly #stored = new Set<string>()
  // What lets the appends that wait go on, in order.
  readonly #waiting = new Set<() => void>()
  #isHolding = false
  #losesNext = false

  constructor(log: ScriptedLog) {
    this.#log = log
  }

  get all(): readonly ScriptedWrite[] {
    return this.#all
  }

  hold(): void {
    this.#isHolding = true
  }

  release(): void {
    this.#isHolding = false
    for (const goOn of this.#waiting) goOn()
    this.#waiting.clear()
  }

  loseAnswer(): void {
    this.#losesNext = true
  }

  async take(body: string, headers: Headers, signal: AbortSignal): Promise<Response> {
    // A client appends JSON arrays of events.
    const events = [JSON.parse(body)].flat() as ChangeEvent[]
    this.#all.push({ events, headers })
    if (this.#isHolding) await this.#released(signal)
    if (this.#log.isClosed) return new Response('', { status: 409, headers: { 'stream-closed': 'true' } })
    const isNew = this.#isNew(headers)
    if (isNew) this.#log.push({ items: events, more: false })
    if (this.#losesNext) {
      this.#losesNext = false
      throw new TypeError('fetch failed: the answer of a scripted append was lost')
    }
    const answer = { 'stream-next-offset': offsetOf(this.#log.length) }
    return new Response(null, { status: isNew ? 200 : 204, headers: answer })
  }

  #isNew(headers: Headers): boolean {
    const parts = ['producer-id', 'producer-epoch', 'producer-seq'].map((name) => headers.get(name))
    if (parts.includes(null)) return true
    const id = parts.join(' ')
    if (this.#stored.has(id)) return false
    this.#stored.add(id)
    return true
  }

  #released(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const goOn = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        this.#waiting.delete(goOn)
        reject(signal.reason as Error) // an abort's reason is an error
      }
      this.#waiting.add(goOn)
      signal.addEventListener('abort', onAbort)
    })
  }
}
