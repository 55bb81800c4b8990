import fc from 'fast-check'

/** One batch on its way to a reader. */
export interface Delivery<Item> {
  readonly items: readonly Item[]
  /** The position in the log of the first item, and the one behind the last. */
  readonly start: number
  readonly end: number
}

/** Draws any cut of a log into batches, empty ones among them. */
export function cuts<Item>(log: readonly Item[]): fc.Arbitrary<Item[][]> {
  return fc.array(fc.nat({ max: log.length }), { maxLength: 8 }).map((positions) => {
    const ends = [...positions.sort((left, right) => left - right), log.length]
    return ends.map((end, index) => log.slice(ends[index - 1] ?? 0, end))
  })
}

/**
 * Draws what a reader receives that reconnects now and then: batches again, whole suffixes again, as they were cut or
 * joined to one. A reader that skips what lies before the highest `end` it has applied ends where the log ends.
 */
export function redeliveries<Item>(batches: readonly (readonly Item[])[]): fc.Arbitrary<Delivery<Item>[]> {
  const last = Math.max(batches.length - 1, 0)
  const reconnect = fc.record({
    after: fc.nat({ max: last }),
    back: fc.nat({ max: last }),
    joined: fc.boolean(),
  })
  return fc.array(reconnect, { maxLength: 4 }).map((reconnects) => {
    const once = inOrder(batches)
    return once.flatMap((delivery, index) => {
      const again = reconnects
        .filter(({ after }) => after === index)
        .flatMap(({ back, joined }) => {
          const suffix = once.slice(Math.max(index - back, 0), index + 1)
          return joined ? [join(suffix)] : suffix
        })
      return [delivery, ...again]
    })
  })
}

/** Names an offset as the reference server does: offsets compare as strings. */
export function offsetAt(position: number): string {
  return `0000000000000000_${String(position).padStart(16, '0')}`
}

/**
 * Stamps `headers.offset` on the events of a delivery as the reference server does: with the offset behind the append
 * that wrote them, which all its events share.
 *
 * @param appends How many items each append wrote, in order; items behind the last one were appended singly.
 */
export function stamp<Item extends { readonly headers: object }>(
  delivery: Delivery<Item>,
  appends: readonly number[] = [],
): Item[] {
  const ends: number[] = []
  for (const size of appends) ends.push((ends.at(-1) ?? 0) + size)
  return delivery.items.map((item, index) => {
    const position = delivery.start + index + 1
    const offset = offsetAt(ends.find((end) => end >= position) ?? position)
    return { ...item, headers: { ...item.headers, offset } }
  })
}

function inOrder<Item>(batches: readonly (readonly Item[])[]): Delivery<Item>[] {
  let start = 0
  return batches.map((items) => ({ items, start, end: (start += items.length) }))
}

function join<Item>(deliveries: readonly Delivery<Item>[]): Delivery<Item> {
  const items = deliveries.flatMap((delivery) => delivery.items)
  return { items, start: deliveries[0]?.start ?? 0, end: deliveries.at(-1)?.end ?? 0 }
}
