const whole = new Intl.NumberFormat('en')
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' })
const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const units = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** `12345` -> `12,345`. */
export function number(value: number): string {
  return whole.format(value)
}

/** `1, 'commit'` -> `1 commit`; `2, 'commit'` -> `2 commits`. */
export function quantity(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `412` -> `412 ms`; `1234` -> `1.2 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`
}

/** How long before `now` the time `iso` was, in its largest whole unit: `2 hours ago`. */
export function relativeTime(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1_000)
  const unit = units.find(([, length]) => seconds >= length)
  return unit === undefined ? 'just now' : ago.format(-Math.floor(seconds / unit[1]), unit[0])
}

/** `Friday, November 27, 2026 at 3:37 AM`. */
export function fullDate(iso: string): string {
  return moment.format(new Date(iso))
}

/** `Ada Lovelace` -> `AL`. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const [first = name, last] = words.length > 1 ? [words[0], words.at(-1)] : words
  return (
    [...first]
      .slice(0, 1)
      .concat([...(last ?? '')].slice(0, 1))
      .join('')
      .toUpperCase() || '?'
  )
}

/** Returns the angle of an author's colour: always the same for the same id. */
export function hue(authorId: string): number {
  return [...authorId].reduce((angle, letter) => (angle * 31 + letter.charCodeAt(0)) % 360, 0)
}
