import type { Session } from '@streamdb/session'
import { useEffect, useMemo } from 'react'

/** Who writes nothing for this long no longer writes, in milliseconds. */
const pause = 4_000

/** Tells the others that somebody writes here, and that they stop. */
class Typing {
  readonly #presence: Session['presence']
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(presence: Session['presence']) {
    this.#presence = presence
  }

  writes(): void {
    if (this.#timer === undefined) this.#presence?.update({ typing: true })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stops(), pause)
  }

  stops(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#presence?.update({ typing: false })
  }
}

export function useTyping({ presence }: Session): Typing {
  const typing = useMemo(() => new Typing(presence), [presence])
  useEffect(() => () => typing.stops(), [typing])
  return typing
}
