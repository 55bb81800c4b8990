import { createHttpSource, openHistory } from '@streamdb/log'
import type { ConnectionEvent, StreamHistory } from '@streamdb/log'
import { StateIssue, upgradeEvent } from '@streamdb/state'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import type { ResolvedOptions } from '../options/resolve.ts'
import { toRow } from '../sync/to-row.ts'
import type { ActionDefinitions } from '../writes/actions.ts'

/** What the past of a database's stream is read by. */
export type PastReading<Definitions extends StateDefinition, Actions extends ActionDefinitions> = Pick<
  ResolvedOptions<Definitions, Actions>,
  'options' | 'stream' | 'times' | 'upgrade'
>

/** Opens the past of a database's stream: of types that have a collection, what the schemas refuse left out. */
export function openStreamHistory<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  { options, stream, times, upgrade }: PastReading<Definitions, Actions>,
  onConnection: (event: ConnectionEvent) => void,
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
    return openHistory({ createSource, accepts, onConnection })
  }
  const { headers, params, fetch } = streamOptions
  return openHistory({
    url: stream.url,
    ...(headers && { headers }),
    ...(params && { params }),
    ...(fetch && { fetch }),
    ...{ accepts, onConnection, snapshots: snapshots ?? true, retry: times },
  })
}
