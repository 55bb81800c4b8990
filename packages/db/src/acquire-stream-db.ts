import type { StateDefinition } from '@streamdb/state'
import { createDatabase } from './create-stream-db.ts'
import { warnInDevelopment } from './development.ts'
import { differences, LatestOptions } from './latest-options.ts'
import type { CreateStreamDBOptions } from './options/types.ts'
import { describeDefinition, exemptCreated, streamUrlOf } from './repeated-creation.ts'
import { acquire, acquireRepeated } from './sharing.ts'
import type { SharableDatabase, SharedDatabase } from './sharing.ts'
import type { StreamDB } from './stream-db.ts'
import { defineAction, addActions, replaceActions } from './writes/actions.ts'
import type { ActionDefinitions } from './writes/actions.ts'

/** What tells one database from another. */
interface Identified {
  readonly state: object
  readonly stream: { readonly url: string }
}

/** What a shared database was opened with. */
interface Opened {
  readonly latest: LatestOptions<object>
  /** What each action factory that the database was given has made. */
  readonly made: WeakMap<object, ActionDefinitions>
  /** The options that the developer was warned of. */
  readonly warned: Set<string>
}

const opened = new WeakMap<object, Opened>()

/**
 * Returns the database that components share for these options, or opens it: one for each URL, definition and `deps`.
 *
 * A render may call this, with options that are new in every render. Actions that the database does not have are added
 * to it; its other options are those that it was opened with. `followOptions` makes it call functions in their newest
 * form.
 */
export function acquireStreamDB<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: CreateStreamDBOptions<Definitions, Actions>,
  deps: readonly unknown[] = [],
): SharedDatabase<StreamDB<Definitions, Actions>> {
  const key = [options.state, streamUrlOf(options), ...deps]
  const repeated = acquireRepeated<StreamDB<Definitions, Actions>>((other) => isAlike(key, other))
  if (repeated) {
    warnOnce(
      repeated.db,
      'state',
      `A database of ${streamUrlOf(options)} was asked for with a third definition that has the same collections: ` +
        `the second one is used. If a component calls createStateSchema, call it outside of the component, once. ` +
        `If it must depend on the component, keep it with useMemo.`,
    )
  }
  const shared = repeated ?? acquire(key, () => open(options))
  addOptions(shared.db, options)
  return shared
}

/**
 * Adds to a shared database what `options` have and it has not: actions. A render may call this, as actions of other
 * names must be there in the render that names them.
 */
export function addOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  db: StreamDB<Definitions, Actions>,
  options: CreateStreamDBOptions<Definitions, Actions>,
): void {
  addActions(db.actions, actionsOf(db, options))
}

function open<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: CreateStreamDBOptions<Definitions, Actions>,
): StreamDB<Definitions, Actions> {
  const { actions } = options
  const made = new WeakMap<object, ActionDefinitions>()
  const latest = new LatestOptions({
    ...options,
    actions:
      actions &&
      ((context: Parameters<typeof actions>[0]) => {
        const definitions = actions(context)
        made.set(actions, definitions)
        return definitions
      }),
  })
  const db = createDatabase<Definitions, Actions>(latest.options)
  opened.set(db, { latest, made, warned: new Set() })
  return db
}

/**
 * The same for a function that creates the database: it is called, and what it returns is closed where components share
 * another database for the stream, the definition and `deps`.
 */
export function acquireCreated<Database extends SharableDatabase & Identified>(
  create: () => Database,
  deps: readonly unknown[] = [],
): SharedDatabase<Database> {
  const created = create()
  exemptCreated(created)
  const shared = acquire([created.state, created.stream.url, ...deps], () => created)
  if (shared.db !== created) created.close()
  return shared
}

/**
 * Makes a shared database call the functions of `options`, actions included, from now on. Call it when a component is
 * mounted or updated, not in a render that may be thrown away.
 *
 * In development it warns, once, of each option that differs and cannot change while the database is open: from what
 * the database was opened with or, in a component that gave other options before, from those.
 */
export function followOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  db: StreamDB<Definitions, Actions>,
  options: CreateStreamDBOptions<Definitions, Actions>,
  previous: CreateStreamDBOptions<Definitions, Actions> = options,
): void {
  const known = opened.get(db)
  if (known === undefined) return
  known.latest.follow(options)
  replaceActions(db.actions, actionsOf(db, options))
  for (const path of [...known.latest.differences(options), ...differences(previous, options, true)]) {
    warnOnce(
      db,
      path,
      `The option ${path} of the database of ${streamUrlOf(options)} has changed, or differs between two components ` +
        `that share it. It cannot change while the database is open: the first value stays. ` +
        `Give the option the same value, or name what it depends on in deps: useStreamDB(options, [dependency]).`,
    )
  }
}

function warnOnce(db: object, path: string, message: string): void {
  const warned = opened.get(db)?.warned
  if (warned === undefined || warned.has(path)) return
  warned.add(path)
  warnInDevelopment(message)
}

/** Returns what the action factory of `options` makes for a database; runs each factory once. */
function actionsOf<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  db: StreamDB<Definitions, Actions>,
  { actions }: CreateStreamDBOptions<Definitions, Actions>,
): ActionDefinitions {
  if (actions === undefined) return {}
  const made = opened.get(db)?.made
  let definitions = made?.get(actions)
  if (definitions === undefined) {
    definitions = actions({ db, stream: db.stream, action: defineAction })
    made?.set(actions, definitions)
  }
  return definitions
}

/** Tells whether two keys, which begin with a definition, differ in that alone, and both definitions have the same collections. */
function isAlike([state, ...key]: readonly unknown[], [otherState, ...other]: readonly unknown[]): boolean {
  return (
    key.length === other.length &&
    key.every((part, index) => Object.is(part, other[index])) &&
    state !== otherState &&
    describeDefinition(state as StateDefinition) === describeDefinition(otherState as StateDefinition)
  )
}
