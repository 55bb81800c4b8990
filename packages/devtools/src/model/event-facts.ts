import type { StoredEvent } from './event-store.ts'

/** Returns when an event was written, as its header `timestamp` says; else when it came. Milliseconds since the epoch. */
export function timeOf({ item, batch }: StoredEvent): number {
  const { timestamp } = headersOf(item)
  const written = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(written) ? batch.time : written
}

/** Returns where an event lies in the log, as the server stamped it; nothing where it did not. */
export function offsetOf({ item }: StoredEvent): string | undefined {
  const { offset } = headersOf(item)
  return typeof offset === 'string' ? offset : undefined
}

function headersOf(item: unknown): Readonly<Record<string, unknown>> {
  // Any JSON: what is no object has no headers.
  return Object((item as { readonly headers?: unknown } | null)?.headers) as Readonly<Record<string, unknown>>
}
