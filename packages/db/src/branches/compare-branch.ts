import { differingFields } from '@streamdb/log/history'
import type { HistoryBase, PastState, RowMove, StreamHistory } from '@streamdb/log'
import { isSameValue } from '@streamdb/state'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import { rowOfEvent } from './row-of-event.ts'
import type { RowReading } from './row-of-event.ts'
import type { BranchDifference, ForkedFrom } from './types.ts'

/** Two streams, and what their rows are. */
export interface CompareOptions extends RowReading {
  readonly source: StreamHistory
  /** Opens the branch's past, which begins with a state of its source. */
  readonly openBranch: (base: HistoryBase) => StreamHistory
  readonly forkedFrom: ForkedFrom
  /** The branch's stream, as transactions that merge it name it. */
  readonly branchPath: string
  readonly signal: AbortSignal
}

/** A difference, and the event that put the branch's row; absent where it is deleted. */
export interface ComparedRow {
  readonly difference: BranchDifference<StateDefinition>
  readonly type: string
  readonly theirs: ChangeEvent | undefined
}

/** How a database and its branch differ. */
export interface Comparison {
  readonly rows: readonly ComparedRow[]
  /** The transaction id of this merge: equal for the same state of the branch. */
  readonly txid: string
  /** It was merged: the log has the transaction. */
  readonly isMerged: boolean
}

/** Compares a database with its branch: what each did to rows since the fork, or since the branch was last merged. */
export async function compareBranch(options: CompareOptions): Promise<Comparison> {
  const { source, openBranch, forkedFrom, branchPath, signal } = options
  const reading = { signal }
  const fork = await source.at(forkedFrom.offset, reading)
  const branch = openBranch({ offset: forkedFrom.offset, state: () => Promise.resolve(fork) })
  try {
    const prefix = `merge:${branchPath}:`
    const merged = await source.findLast(({ txid }) => txid?.startsWith(prefix) === true, reading)
    const mergedAt = merged?.transaction?.txid?.slice(prefix.length)
    const theirs = await branch.at(mergedAt ?? forkedFrom.offset, reading)
    const theirMoves = movesByKey(await theirs.step(Infinity, reading))
    const ours = merged ?? fork
    const ourMoves = movesByKey(await ours.step(Infinity, reading))
    const rows: ComparedRow[] = []
    for (const key of new Set([...theirMoves.keys(), ...ourMoves.keys()])) {
      const row = compareRow(theirMoves.get(key), ourMoves.get(key), { theirs, ours }, options)
      if (row !== undefined) rows.push(row)
    }
    return { rows, txid: `${prefix}${theirs.offset}`, isMerged: mergedAt === theirs.offset }
  } finally {
    branch.close()
  }
}

function movesByKey(moves: readonly RowMove[]): Map<string, RowMove> {
  return new Map(
    moves
      .filter(({ before, after }) => !isSameValue(before?.value, after?.value))
      .map((move) => [JSON.stringify([move.type, move.key]), move]),
  )
}

function compareRow(
  their: RowMove | undefined,
  our: RowMove | undefined,
  states: { readonly theirs: PastState; readonly ours: PastState },
  reading: RowReading,
): ComparedRow | undefined {
  const move = their ?? our
  if (move === undefined) return undefined
  const { type, key, before: base } = move
  const theirs = their ? their.after : states.theirs.eventOf(type, key)
  const ours = our ? our.after : states.ours.eventOf(type, key)
  if (isSameValue(theirs?.value, ours?.value)) return undefined
  const row = (event: ChangeEvent | undefined): object | undefined => event && rowOfEvent(event, reading)
  const fields = differingFields(ours?.value, theirs?.value)
  const collection = Object.entries(reading.state).find(([, definition]) => definition.type === type)?.[0]
  if (collection === undefined) return undefined
  const difference = {
    ...{ collection, key, base: row(base), ours: row(ours), theirs: row(theirs) },
    changedBy: their === undefined ? 'ours' : our === undefined ? 'theirs' : 'both',
    change: theirs === undefined ? 'deleted' : ours === undefined ? 'inserted' : 'updated',
    ...(fields && { fields }),
  } as BranchDifference<StateDefinition> // the rows are what the schemas return
  return { difference, type, theirs }
}
