/**
 * Returns about how many characters the JSON text of a value has, counted up to `limit`.
 *
 * Not recursive, and never longer than the limit: others wrote the value, and it may be nested 10,000 deep.
 */
export function sizeOf(value: unknown, limit: number): number {
  let size = 0
  const queue: unknown[] = [value]
  for (let next = queue.pop(); size < limit; next = queue.pop()) {
    if (typeof next === 'string') size += next.length + 2
    else if (typeof next === 'object' && next !== null) {
      size += 2
      for (const [name, field] of Object.entries(next)) {
        size += name.length + 3
        queue.push(field)
        if (size + queue.length > limit) return limit
      }
    } else size += 5
    if (queue.length === 0) break
  }
  return Math.min(size, limit)
}
