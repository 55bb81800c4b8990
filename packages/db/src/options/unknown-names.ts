import { StreamDBError } from '@streamdb/log'

/** Throws `invalid-options` for names that mean nothing: a typo would be an option that is never applied. */
export function refuseUnknownNames(where: string, given: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue
    const nearest = nearestOf(name, known)
    const suggestion = nearest === undefined ? '' : ` Did you mean "${nearest}"?`
    throw new StreamDBError(
      'invalid-options',
      `createStreamDB: ${where} has no option "${name}".${suggestion} Known options: ${known.join(', ')}`,
    )
  }
}

/** Returns the known name that differs least from `name`, where it differs by a third of it at most. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase()
  let nearest: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const each of known) {
    const distance = distanceOf(lower, each.toLowerCase())
    if (distance < least) [nearest, least] = [each, distance]
  }
  return nearest
}

/** Returns how many letters must be put in, left out or replaced to make one text of the other (Levenshtein). */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
