import type { StateDefinition } from '@streamdb/state'
import type { Observer } from '../observe.ts'
import type { ActionDefinitions } from '../writes/actions.ts'
import type { CreateStreamDBOptions } from './types.ts'

/** Returns the callbacks among a database's options that are an observer's. */
export function observerOf<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: Pick<CreateStreamDBOptions<Definitions, Actions>, 'onBeforeBatch' | 'onEvent' | 'onBatch'>,
): Observer {
  const { onBeforeBatch, onEvent, onBatch } = options
  return {
    ...(onBeforeBatch && { onBeforeBatch }),
    ...(onEvent && { onEvent }),
    ...(onBatch && { onBatch }),
  }
}
