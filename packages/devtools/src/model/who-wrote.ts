/** Headers that say who wrote an event, the most trustworthy first: a gateway stamps `principal`. */
const names = ['principal', 'from', 'actor', 'user', 'userId', 'author'] as const

/** Returns who wrote an event, where its headers say so. */
export function whoWrote(item: unknown): string | undefined {
  // Any JSON: each step is checked.
  const headers = Object((item as { readonly headers?: unknown } | null)?.headers) as Readonly<
    Record<string, unknown>
  >
  for (const name of names) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}
