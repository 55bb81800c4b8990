const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })
const list = new Intl.ListFormat('en')

/** `3:37 AM`. */
export function time(at: number): string {
  return clock.format(at)
}

/** `Friday, November 27, 2026 at 3:37 AM`. */
export function fullDate(at: number): string {
  return full.format(at)
}

/** `Today`, `Yesterday`, or the date. */
export function dayOf(at: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return (days < 300 ? day : dayOfYear).format(at)
}

/** Tells whether two times are on different days. */
export function isAnotherDay(one: number, other: number): boolean {
  return startOfDay(one) !== startOfDay(other)
}

/** `Ada, Grace and Alan`. */
export function names(people: readonly { readonly name: string }[]): string {
  return list.format(people.map(({ name }) => name))
}

/** `812 KB`, `3.4 MB`. */
export function size(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1_000))} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}
