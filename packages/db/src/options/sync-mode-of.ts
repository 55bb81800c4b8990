import type { StateDefinition } from '@streamdb/state'
import type { SyncMode } from '../collections/create.ts'
import type { SyncModes } from './types.ts'

/** Returns how the collection of a name is loaded. */
export function syncModeOf(given: SyncMode | SyncModes<StateDefinition> | undefined, name: string): SyncMode {
  // A collection may have any name.
  const mode = typeof given !== 'object' || Object.hasOwn(given, name) ? given : undefined
  return (typeof mode === 'object' ? mode[name] : mode) ?? 'eager'
}
