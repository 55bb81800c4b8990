import { start } from '@streamdb/log'
import type { HistoryPoint } from '@streamdb/log'
import { parseTime } from './parse-time.ts'

/** Reads a point of a log: an offset, `start`, `end` (as it is), or a time as `parseTime` takes it. */
export function parsePoint(text: string): HistoryPoint {
  if (text === 'start') return start
  const isTime = /^\d{4}-\d\d-\d\d/.test(text) || /^\d+(\.\d+)?[smhd]$/.test(text)
  return isTime ? { time: parseTime(text) } : text
}
