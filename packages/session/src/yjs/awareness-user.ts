import type { Awareness } from 'y-protocols/awareness'
import type { Participant } from '../rows.ts'

/** Who somebody is in a document, as editors show it beside a cursor. */
export interface AwarenessUser {
  readonly id: string
  readonly name: string
  readonly color: string
  /** For what is selected. */
  readonly colorLight: string
}

/** Returns how a participant is shown: `data.color` of its own, or a color that follows from its id, everywhere the same. */
export function awarenessUser({ id, name, data }: Pick<Participant, 'id' | 'name' | 'data'>): AwarenessUser {
  const given: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'color') : undefined
  const color = typeof given === 'string' ? given : toHex(hueOf(id))
  return { id, name: name ?? id, color, colorLight: `${color}33` }
}

/** Says who this device is, and says it again to those who come, who hear only what is said from then on. */
export function announce(awareness: Awareness, user: AwarenessUser): void {
  awareness.setLocalStateField('user', user)
  awareness.on('update', ({ added }: { readonly added: readonly number[] }, origin: unknown) => {
    const state = awareness.getLocalState()
    if (origin === 'server' && added.length > 0 && state !== null) awareness.setLocalState(state)
  })
}

function hueOf(id: string): number {
  let hash = 0
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash % 360
}

/** Returns a color of middle lightness, readable on light and on dark, as editors take it. */
function toHex(hue: number): string {
  const lightness = 0.45
  const reach = 0.65 * Math.min(lightness, 1 - lightness)
  const channel = (offset: number): string => {
    const k = (offset + hue / 30) % 12
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(8)}${channel(4)}`
}
