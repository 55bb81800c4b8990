import { InvalidArgumentError } from 'commander'

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a time into milliseconds since the epoch: ISO 8601, milliseconds, or how long ago (`15m`, `2h`). */
export function parseTime(text: string, now: number = Date.now()): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(s|m|h|d)(?: ago)?$/.exec(text) ?? []
  if (amount !== undefined) return now - Number(amount) * (units[unit] ?? 0)
  if (/^\d{11,}$/.test(text)) return Number(text)
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(time)) return time
  throw new InvalidArgumentError(
    'Expected a time such as 2026-11-27T14:30:00Z, or how long ago: 90s, 15m, 2h, 3d.',
  )
}
