const numbers = new Intl.NumberFormat('en')

/** Returns a number with separators: `12,345`. */
export function formatNumber(value: number): string {
  return numbers.format(value)
}

/** Returns a time of day with milliseconds: `13:05:09.042`. */
export function formatTime(time: number): string {
  if (time === 0) return ''
  const date = new Date(time)
  const two = (value: number): string => String(value).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}

/** Returns how long something took, or takes: `84 ms`, `1.2 s`, `3 min`, `2.5 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  if (milliseconds < 3_600_000) return `${Math.round(milliseconds / 60_000)} min`
  return `${(milliseconds / 3_600_000).toFixed(1)} h`
}

/** Returns a size: `812 B`, `1.4 kB`, `23 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} kB`
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`
}

/** Returns a number and its noun: `1 row`, `2 rows`. */
export function plural(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Returns a value in one line, cut at `most` characters. */
export function preview(value: unknown, most = 200): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > most ? `${text.slice(0, most)}…` : text
}

/** Returns the fields of a row in one line; not the one that repeats the key, and what is no row as JSON. */
export function previewRow(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return preview(value)
  const fields = Object.entries(value).filter(([, field]) => field !== key)
  return preview(fields.map(([name, field]) => `${name}: ${preview(field, 80)}`).join('   '))
}
