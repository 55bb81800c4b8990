import { createHttpSource, isBefore, start } from '@streamdb/log'
import { openHistory } from '@streamdb/log/history'
import type { HistoryBase, HistoryOptions, HistoryPoint, StreamHistory } from '@streamdb/log/history'
import { StateIssue, upgradeEvent } from '@streamdb/state'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import { dehydrate } from '../hydration.ts'
import type { DehydrationSource } from '../hydration.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { toRow } from '../sync/to-row.ts'
import type { ActionDefinitions } from '../writes/actions.ts'

/** What the past of a database's stream is read by. */
export interface PastReading extends Pick<
  ResolvedOptions<StateDefinition, ActionDefinitions>,
  'stream' | 'times' | 'upgrade' | 'snapshotOptions'
> {
  readonly options: Pick<
    ResolvedOptions<StateDefinition, ActionDefinitions>['options'],
    'state' | 'stream' | 'streamOptions' | 'snapshots'
  >
}

/** What is read of it. */
interface PastOptions extends Pick<HistoryOptions, 'onConnection' | 'base'> {
  /** Another stream that is reached as the database's: a branch. It has no snapshots of its own. */
  readonly url?: string | undefined
}

/** Opens the past of a database's stream: of types that have a collection, what the schemas refuse left out. */
export function openStreamHistory(
  { options, stream, times, upgrade }: PastReading,
  { url, ...rest }: PastOptions = {},
): StreamHistory {
  const { state, streamOptions, snapshots } = options
  const definitions = new Map(Object.values(state).map((definition) => [definition.type, definition]))
  const accepts = (event: ChangeEvent): boolean => {
    const definition = definitions.get(event.type)
    if (definition === undefined || event.headers.operation === 'delete') return definition !== undefined
    const upgraded = upgradeEvent(event, upgrade)
    if (upgraded instanceof StateIssue) return false
    return upgraded.headers.operation === 'delete' || !(toRow(upgraded, definition) instanceof StateIssue)
  }
  if (options.stream !== undefined || streamOptions === undefined) {
    // A handle of the application keeps its headers to itself: nothing can be asked for beside its stream.
    const createSource = (): ReturnType<typeof createHttpSource> =>
      createHttpSource({ stream, live: false, times })
    return openHistory({ createSource, accepts, ...rest })
  }
  const { headers, params, fetch } = streamOptions
  return openHistory({
    url: url ?? stream.url,
    ...(headers && { headers }),
    ...(params && { params }),
    ...(fetch && { fetch }),
    ...{ accepts, ...rest, snapshots: url === undefined && (snapshots ?? true), retry: times },
  })
}

/**
 * Returns the rows that a database has, where a moment does not lie before them: what is behind them is read from there.
 * They may be those of a store. Nothing where it has none, or they cannot be handed on.
 */
export function baseOf(db: DehydrationSource, point: HistoryPoint): HistoryBase | undefined {
  const { offset } = db.checkpoint
  if (offset === start || typeof point !== 'string' || isBefore(point, offset)) return undefined
  try {
    const rows = new Map<string, Map<string, ChangeEvent>>()
    for (const event of dehydrate(db).items) {
      const keys = rows.get(event.type) ?? new Map<string, ChangeEvent>()
      rows.set(event.type, keys.set(event.key, event))
    }
    const types = [...rows.keys()]
    const eventsOf = (type: string): ReadonlyMap<string, ChangeEvent> => rows.get(type) ?? new Map()
    return { offset, state: () => Promise.resolve({ types, eventsOf }) }
  } catch {
    // Its schemas do not take what they return, or a collection was cleaned up: the log has the rows.
    return undefined
  }
}
