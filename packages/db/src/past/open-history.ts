import { createHttpSource, openHistory } from '@streamdb/log'
import type { HistoryOptions, StreamHistory } from '@streamdb/log'
import { StateIssue, upgradeEvent } from '@streamdb/state'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
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
