/** Where every stream begins. */
export const start = '-1'

/**
 * Returns whether offset `a` lies before offset `b`.
 *
 * Offsets sort as text (Durable Streams protocol). Some servers use plain numbers; these sort as numbers.
 */
export function isBefore(a: string, b: string): boolean {
  if (a.length !== b.length && number.test(a) && number.test(b)) return a.length < b.length
  return a < b
}

/** Whether an offset that came with an event can be one at all: servers know other words, and URLs other characters. */
export function isPlausibleOffset(offset: string): boolean {
  return (
    offset.length <= 256 &&
    offset !== 'now' &&
    /^[0-9A-Za-z](?:[\w.~-]*)$/.test(offset) &&
    !offset.includes('..')
  )
}

const number = /^[1-9]\d*$/
