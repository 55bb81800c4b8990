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
 * Throws `schema-module` for one that cannot be loaded, or has none.
 */
export async function loadSchema(path: string): Promise<LoadedSchema> {
  const module = await importModule(path)
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

/** Imports a module with all that it imports as one: Node 20 loads no TypeScript, nor packages of a workspace that are written in it. */
async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path)
  try {
    const { build } = await import('esbuild')
    const { outputFiles } = await build({
      ...{ entryPoints: [file], bundle: true, write: false, logLevel: 'silent' },
      ...{ platform: 'node', format: 'esm', target: 'node20' },
      // For packages in CommonJS that require what Node has.
      banner: {
        js: `import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(${JSON.stringify(pathToFileURL(file).href)});`,
      },
    })
    const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
    // A module's exports may be anything, and are looked at.
    return (await import(`data:text/javascript;base64,${code}`)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('schema-module', `The schema module ${path} cannot be loaded: ${why}`, {
      cause,
      remedy: 'Check the path, and that what it imports is installed beside it',
    })
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
