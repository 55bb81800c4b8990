import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'

/** Where somebody else writes in a shared text. */
export interface Caret {
  /** The client of the document: somebody may have several windows. */
  readonly client: number
  /** Who it is. */
  readonly id: string
  readonly name: string
  /** `#rrggbb`. */
  readonly color: string
  /** Before which letter. */
  readonly at: number
}

/** Returns what others are told of a place in a text: it stays at its letter, whatever is written before it. */
export function caretAt(text: Y.Text, place: number): unknown {
  return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, place))
}

/** Returns where the others write, in the order of the text. What they say of themselves is read as far as it is understood. */
export function caretsOf(
  awareness: Pick<Awareness, 'clientID' | 'getStates'>,
  text: Y.Text,
): readonly Caret[] {
  return [...awareness.getStates()]
    .filter(([client]) => client !== awareness.clientID)
    .map(([client, state]) => toCaret(client, state, text))
    .filter((caret) => caret !== undefined)
    .sort((one, other) => one.at - other.at)
}

function toCaret(client: number, state: unknown, text: Y.Text): Caret | undefined {
  const user: unknown = Reflect.get(Object(state), 'user')
  const [id, name, color] = ['id', 'name', 'color'].map((field): unknown => Reflect.get(Object(user), field))
  const at = placeOf(Reflect.get(Object(state), 'caret'), text)
  if (typeof id !== 'string' || typeof name !== 'string' || at === undefined) return undefined
  const isColor = typeof color === 'string' && /^#[\da-f]{6}$/i.test(color)
  return { client, id, name, color: isColor ? color : '#808080', at }
}

function placeOf(caret: unknown, text: Y.Text): number | undefined {
  if (typeof caret !== 'object' || caret === null || text.doc === null) return undefined
  try {
    const position = Y.createRelativePositionFromJSON(caret)
    const place = Y.createAbsolutePositionFromRelativePosition(position, text.doc)
    return place?.type === text ? Math.min(place.index, text.length) : undefined
  } catch {
    // It is no position.
    return undefined
  }
}
