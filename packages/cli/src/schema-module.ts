import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  isChangeEvent,
  isVersion,
  schemaVersionOf,
  StateIssue,
  upgradeEvent,
  validateRow,
  versionOf,
} from '@streamdb/state'
import type { CollectionDefinition, Migrate, StateDefinition, StateEvent } from '@streamdb/state'
import { CliError } from './cli-error.ts'

/** The collections of a schema module, by the type of their events. */
export interface LoadedSchema {
  readonly byType: ReadonlyMap<string, CollectionDefinition>
  /** The version of the schemas; nothing where the module does not say. */
  readonly version: number | undefined
  readonly migrate: Migrate | undefined
}

/**
 * Loads a module that exports what `createStateSchema` returned: as its default, as `state` or `schema`, or under any other
 * name; and where its schemas have a history, its `version` and `migrate`.
 *
 * TypeScript is fine on every Node. Throws `schema-module` for one that cannot be loaded, or has none.
 */
export async function loadSchema(path: string): Promise<LoadedSchema> {
  const file = resolve(path)
  let module: Readonly<Record<string, unknown>>
  try {
    // Node 20 loads no TypeScript; where Node does, it refuses what cannot be erased, such as enums.
    const { createJiti } = await import('jiti')
    module = await createJiti(pathToFileURL(`${process.cwd()}/`).href, { fsCache: false }).import(file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('schema-module', `The schema module ${path} cannot be loaded: ${why}`, {
      cause,
      remedy: 'Check the path, and that what it imports is installed beside it',
    })
  }
  const found = [module['default'], module['state'], module['schema'], ...Object.values(module)].find(
    isSchema,
  )
  if (found === undefined) {
    const names = Object.keys(module).join(', ') || 'nothing'
    throw new CliError('schema-module', `The schema module ${path} has no schema: it exports ${names}`, {
      remedy: 'Export what createStateSchema returns: export const state = createStateSchema({ ... })',
    })
  }
  const byType = new Map(Object.values(found).map((definition) => [definition.type, definition] as const))
  const { version = versionOf(found), migrate } = module
  return {
    byType,
    version: isVersion(version) ? version : undefined,
    // The application's own function: what it returns is checked.
    migrate: typeof migrate === 'function' ? (migrate as Migrate) : undefined,
  }
}

function isSchema(value: unknown): value is StateDefinition {
  if (typeof value !== 'object' || value === null) return false
  const definitions = Object.values(value)
  return definitions.length > 0 && definitions.every(isDefinition)
}

function isDefinition(value: unknown): boolean {
  // Looked at, whatever it is.
  const { type, primaryKey, schema } = Object(value) as Readonly<Record<string, unknown>>
  return typeof type === 'string' && typeof primaryKey === 'string' && '~standard' in Object(schema)
}

/** Returns what the schema says against an event; nothing for one that it takes, or whose type it does not know. */
export function schemaFault(event: StateEvent, schema: LoadedSchema): StateIssue | undefined {
  const { byType, version, migrate } = schema
  if (!isChangeEvent(event) || event.headers.operation === 'delete') return undefined
  const definition = byType.get(event.type)
  if (definition === undefined) return undefined
  // What another version wrote is for `migrate`; where there is none, nothing can be said of it.
  if (version !== undefined && migrate === undefined && schemaVersionOf(event) !== version) return undefined
  const upgraded = upgradeEvent(event, { version: version ?? 1, migrate })
  if (upgraded instanceof StateIssue) return upgraded
  if (upgraded.headers.operation === 'delete') return undefined
  const row = validateRow(upgraded, definition)
  return row instanceof StateIssue ? row : undefined
}
