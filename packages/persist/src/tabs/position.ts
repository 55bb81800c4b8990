import type { Batch } from '@streamdb/log'

/** A place in what a source delivers: an offset and, inside of the response that begins there, the items behind it. */
export interface TabPosition {
  readonly offset: string
  readonly items: number
}

/** Returns where a batch begins. */
export function beginOf({ from, first }: Batch): TabPosition {
  return { offset: from, items: first }
}

/** Returns where a batch ends: inside of its response, where that goes on. */
export function endOf({ complete, offset, from, first, items }: Batch): TabPosition {
  return complete ? { offset, items: 0 } : { offset: from, items: first + items.length }
}

export function isSamePosition(one: TabPosition, other: TabPosition): boolean {
  return one.offset === other.offset && one.items === other.items
}

/** Returns a batch without items that says that everything is read. */
export function upToDateBatch({ offset, items }: TabPosition, streamId: string | undefined): Batch {
  return {
    ...{ items: [], first: items, from: offset, offset, complete: true, upToDate: true, closed: false },
    ...{ bytes: 0, streamId },
  }
}
