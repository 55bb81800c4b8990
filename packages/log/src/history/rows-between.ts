import { isRowMove } from './history-fold.ts'
import { compareRows, copyRows, countRows, putRow } from './past-rows.ts'
import type { PastRows } from './past-rows.ts'
import { countUntil } from './segment.ts'
import type { Mark } from './segment.ts'
import type { Timeline } from './timeline.ts'
import type { RowMove } from './types.ts'

/** Returns the rows at a place: a copy. */
export async function rowsAt(timeline: Timeline, at: number, signal: AbortSignal): Promise<PastRows> {
  const segment = timeline.segmentOf(at)
  const { moves } = await timeline.contentOf(segment, signal)
  const rows = copyRows(segment.base)
  for (let index = 0; index < at - segment.start; index++) {
    const move = moves[index]
    if (move !== undefined && isRowMove(move)) putRow(rows, move.type, move.key, move.after)
  }
  return rows
}

/** Returns how rows change from a place to another, given those at the first: each row that changes, once. */
export async function movesBetween(
  timeline: Timeline,
  rows: PastRows,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): Promise<RowMove[]> {
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  const segments = timeline.segments.filter((segment) => segment.end > low && segment.start < high)
  // Further than this, going there through everything between takes longer than from the rows at a segment's beginning.
  if (segments.length > 1 && high - low > 2 * countRows(rows) + 1000)
    return compareRows(rows, await rowsAt(timeline, to, signal))
  const net = new NetMoves()
  const isForward = to > from
  if (!isForward) segments.reverse()
  for (const segment of segments) {
    const { moves } = await timeline.contentOf(segment, signal)
    const first = Math.max(low, segment.start) - segment.start
    const last = Math.min(high, segment.end) - segment.start
    for (let index = 0; index < last - first; index++) {
      const move = moves[isForward ? first + index : last - 1 - index]
      if (move === undefined || !isRowMove(move)) continue
      const { type, key, before, after } = move
      net.add(isForward ? move : { type, key, before: after, after: before })
    }
  }
  return net.list()
}

/** Returns what the transaction did that ends at a mark; nothing at the beginning of what was read. */
export async function changesOf(
  timeline: Timeline,
  mark: Mark,
  signal: AbortSignal,
): Promise<readonly RowMove[]> {
  const segment = timeline.segmentOf(mark.at)
  const { marks, moves } = await timeline.contentOf(segment, signal)
  const before = marks[countUntil(marks, mark.at) - 2]
  if (before === undefined) return []
  return moves.slice(before.at - segment.start, mark.at - segment.start).filter(isRowMove)
}

/** Moves of rows, each row once: from what it was before the first to what it is behind the last. */
class NetMoves {
  readonly #moves = new Map<string, Map<string, RowMove>>()

  add(move: RowMove): void {
    const { type, key, after } = move
    let keys = this.#moves.get(type)
    if (keys === undefined) this.#moves.set(type, (keys = new Map<string, RowMove>()))
    const first = keys.get(key)
    keys.set(key, first === undefined ? move : { type, key, before: first.before, after })
  }

  list(): RowMove[] {
    const list: RowMove[] = []
    for (const keys of this.#moves.values())
      for (const move of keys.values()) if (isRowMove(move)) list.push(move)
    return list
  }
}
