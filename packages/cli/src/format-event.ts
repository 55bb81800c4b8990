import { isChangeEvent } from '@streamdb/state'
import type { Operation, StateEvent } from '@streamdb/state'
import { stampOf } from './read-log.ts'
import { inline, printable } from './terminal.ts'
import type { Colors } from './terminal.ts'

const signs: Readonly<
  Record<Operation, readonly [sign: string, color: 'green' | 'yellow' | 'red' | 'cyan']>
> = {
  insert: ['+', 'green'],
  update: ['~', 'yellow'],
  upsert: ['=', 'cyan'],
  delete: ['-', 'red'],
}

/** Formats an event for people, in one line: offset, time, operation, type and key, value, txid. */
export function formatEvent(event: StateEvent, colors: Colors): string {
  const { txid, timestamp } = event.headers as { txid?: unknown; timestamp?: unknown } // headers like any other
  const parts = [
    colors.dim(printable(stampOf(event) ?? '')),
    ...(typeof timestamp === 'string' ? [colors.dim(printable(timestamp))] : []),
    ...describe(event, colors),
    ...(typeof txid === 'string' ? [colors.dim(`txid ${printable(txid)}`)] : []),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function describe(event: StateEvent, colors: Colors): string[] {
  if (!isChangeEvent(event)) return [colors.magenta(event.headers.control)]
  const [sign, color] = signs[event.headers.operation]
  const what = colors[color](`${sign} ${event.headers.operation}`)
  const name = `${colors.bold(printable(event.type))} ${printable(event.key)}`
  return event.value === undefined ? [what, name] : [what, name, inline(event.value)]
}
