/** Where every stream begins. */
export const start = '-1'

/**
 * Tells whether offset `a` lies before offset `b`.
 *
 * Offsets sort as text (Durable Streams protocol). Plain numbers, which some servers use all the same, sort as numbers.
 */
export function isBefore(a: string, b: string): boolean {
  if (a.length !== b.length && number.test(a) && number.test(b)) return a.length < b.length
  return a < b
}

const number = /^[1-9]\d*$/
