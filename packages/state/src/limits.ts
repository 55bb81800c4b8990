/**
 * The bounds of an event that readers accept.
 *
 * A log holds what anybody wrote. Comparing or copying a value recurses as deep as the value is nested, so an event
 * without a bound on its depth could overflow the stack of every reader; one without a bound on its size could block
 * every reader for seconds (SPEC F-real-57, F-real-73). Beyond them an event is an issue, and is skipped.
 */
export const eventLimits: EventLimits = {
  depth: 256,
  characters: 16 * 1024 * 1024,
}

/** The bounds of one event. */
export interface EventLimits {
  /** How many levels of arrays and objects an event may have, itself included. */
  readonly depth: number
  /**
   * How many characters its JSON text may have, without `old_value`, and how many that may have. Counted are strings and
   * names, and two for every member.
   */
  readonly characters: number
}

/** Which limit a value exceeds. */
export type ExceededLimit = 'too-deep' | 'too-large'

/** Returns which limit an event exceeds. Ends on cyclic values too, as too deep ones. */
export function exceededLimit(event: object): ExceededLimit | undefined {
  const parts = event as Readonly<Record<string, unknown>> // what is in an object may be anything
  const levels = eventLimits.depth - 1
  let remaining = eventLimits.characters
  for (const name in parts) {
    // Apart, so that every row that can be inserted can be updated.
    const left =
      name === 'old_value'
        ? measureMember(parts[name], levels, eventLimits.characters)
        : (remaining = measureMember(parts[name], levels, remaining - name.length))
    if (left < 0) return left === tooDeep ? 'too-deep' : 'too-large'
  }
  return undefined
}

const tooDeep = -Infinity

/**
 * Returns what `value` leaves of `characters`: a negative number once it exceeds them, and `tooDeep` once it has more
 * than `levels` levels below it, which also bounds this recursion. No closure and no copy: it runs for every event.
 */
function measure(value: object, levels: number, characters: number): number {
  if (Array.isArray(value)) return measureItems(value, levels, characters)
  const fields = value as Readonly<Record<string, unknown>> // what is in an object may be anything
  let remaining = characters
  for (const name in fields) {
    remaining = measureMember(fields[name], levels, remaining - name.length)
    if (remaining < 0) break
  }
  return remaining
}

function measureItems(items: readonly unknown[], levels: number, characters: number): number {
  let remaining = characters
  for (let index = 0; index < items.length && remaining >= 0; index++) {
    remaining = measureMember(items[index], levels, remaining)
  }
  return remaining
}

function measureMember(member: unknown, levels: number, characters: number): number {
  if (typeof member === 'string') return characters - 2 - member.length
  if (typeof member !== 'object' || member === null) return characters - 2
  return levels === 0 ? tooDeep : measure(member, levels - 1, characters - 2)
}
