import { itemsOf } from '@streamdb/testing'
import type { ChangeEvent } from '@streamdb/state'

/** Reads everything that a stream holds. */
export async function logOf(url: string): Promise<readonly ChangeEvent[]> {
  const items: ChangeEvent[] = []
  for (let offset = '-1'; ;) {
    const response = await fetch(`${url}?offset=${offset}`, { headers: { connection: 'close' } })
    // Tests write nothing but changes.
    items.push(...(await itemsOf<ChangeEvent>(response)))
    offset = response.headers.get('stream-next-offset') ?? ''
    if (response.headers.has('stream-up-to-date')) return items
  }
}
