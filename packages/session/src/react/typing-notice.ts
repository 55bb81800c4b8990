import type { Presence } from '../presence.ts'

/** Who writes nothing for this long no longer writes, in milliseconds. */
const pause = 4_000

/** Tells the others, by presence, that somebody writes here, and that they stop: `{ typing: true }` beside what else is said. */
export class TypingNotice {
  readonly #presence: Presence | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(presence: Presence | undefined) {
    this.#presence = presence
  }

  writes(): void {
    if (this.#timer === undefined) this.#say(true)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stops(), pause)
  }

  stops(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#say(false)
  }

  #say(typing: boolean): void {
    const state = this.#presence?.state
    // What an application says in another form than an object stays as it is.
    if (state === undefined || (typeof state === 'object' && state !== null && !Array.isArray(state))) {
      this.#presence?.update({ ...state, typing })
    }
  }
}

/** Tells whether a device has said that somebody writes there. */
export function isTyping(state: unknown): boolean {
  return typeof state === 'object' && state !== null && Reflect.get(state, 'typing') === true
}
