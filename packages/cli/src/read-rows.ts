import { defaultTimes } from '@streamdb/log'
import { openHistory } from '@streamdb/log/history'
import type { HistoryPoint, PastState, StreamHistory } from '@streamdb/log/history'
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { mostRetries } from './append-batches.ts'
import type { Location } from './options.ts'
import type { Progress } from './progress.ts'
import { readLog, stampOf } from './read-log.ts'
import type { Terminal } from './terminal.ts'

/** The rows of a log by type and key. */
export type Rows = ReadonlyMap<string, ReadonlyMap<string, unknown>>

/** The rows as they stood somewhere in a log. */
export interface Standing {
  readonly rows: Rows
  /** Where the log goes on behind them. */
  readonly offset: string
  /** How many items were skipped on the way, of those that were read. */
  readonly invalid: number
}

/** What is applied at once: a page of millions is not kept twice. */
const mostPending = 10_000

/** Reads the rows at the end of a log, from its newest snapshot where there is one. */
export async function readRows(
  location: Location,
  terminal: Terminal,
  progress: Progress,
): Promise<Standing> {
  const state = new MaterializedState()
  let pending: StateEvent[] = []
  let offset = ''
  let events = 0
  let invalid = 0
  const apply = (): void => {
    state.applyBatch(pending)
    pending = []
  }
  for await (const read of readLog(location, { snapshots: true, terminal })) {
    switch (read.type) {
      case 'event':
        pending.push(read.event)
        if (++events % 500 === 0) progress.update(offset, events)
        if (pending.length >= mostPending) apply()
        break
      case 'invalid':
        invalid++
        break
      case 'restart':
        pending = []
        state.clear()
        break
      case 'checkpoint':
        offset = read.checkpoint.offset
        progress.update(offset, events)
    }
  }
  apply()
  return { rows: rowsOf(state), offset, invalid }
}

/** Opens the past of a stream, as a command line does: it gives up after some tries, and shows how far it is. */
export function openPast({ url, headers }: Location, terminal: Terminal, progress: Progress): StreamHistory {
  let events = 0
  return openHistory({
    ...{ url, headers, retry: { ...defaultTimes, maxRetries: mostRetries } },
    accepts(event) {
      progress.update(stampOf(event) ?? '', ++events)
      return true
    },
    onConnection(event) {
      if (event.type === 'break' || event.type === 'refuse')
        terminal.note(`${event.error.message}; trying again`)
    },
  })
}

/** Reads the rows at a point of a log. */
export async function readPastRows(
  location: Location,
  point: HistoryPoint,
  terminal: Terminal,
  progress: Progress,
): Promise<Standing> {
  const history = openPast(location, terminal, progress)
  try {
    const past = await history.at(point, { signal: terminal.signal })
    return { rows: rowsOf(past), offset: past.offset, invalid: 0 }
  } finally {
    history.close()
  }
}

function rowsOf(state: Pick<PastState, 'types' | 'getType'>): Rows {
  return new Map(state.types.map((type) => [type, state.getType(type)] as const))
}
