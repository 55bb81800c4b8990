import type { StateDefinition } from '@streamdb/state'
import { defaultTimes } from '@streamdb/log'
import { StreamDBError } from '@streamdb/log'
import { isVersion, versionOf } from '@streamdb/state'
import { check, checkAll, fields, kindOf } from './check.ts'
import type { Rules } from './check.ts'
import { checkLoad } from './load.ts'
import { refuseUnknownNames } from './unknown-names.ts'
import { isReservedName } from './state-definitions.ts'
import type { CreateStreamDBOptions } from './types.ts'

/** Options as a caller without types may give them. */
type Unchecked = Readonly<Partial<Record<keyof CreateStreamDBOptions<StateDefinition>, unknown>>>

const rules: Rules = {
  object: 'state state.* state.*.schema.~standard',
  'object | undefined': 'load stream redirects hydrate storage onConflict retry',
  'object | function': 'state.*.schema',
  string: 'state.*.type state.*.primaryKey hydrate.offset',
  array: 'hydrate.items',
  // Of a DurableStream, whichever copy of the client it is of.
  function: 'stream.stream storage.connect',
  'function | undefined': 'migrate actions onEvent onBeforeBatch onBatch onError onConflict.*',
  'function | "skip" | "fail" | undefined': 'onInvalid',
  'true | false | "sse" | "long-poll" | undefined': 'live',
  'true | false | object | undefined': 'history snapshots',
  'string | undefined': 'snapshots.index snapshots.until',
  'number >= 0': 'history.limit',
  'number >= 0 | undefined': 'confirmTimeout snapshotTimeout retry.*',
  '"fail" | "wait" | "create" | undefined': 'onMissing',
  '"eager" | "on-demand" | object | undefined': 'syncMode',
  '"eager" | "on-demand" | undefined': 'syncMode.*',
  'true | undefined': 'state.*.keyValue',
  'true | false | undefined': 'createIfMissing startOnRead offline',
}

// Each of them, or it does not compile.
const optionNames: Readonly<Record<keyof CreateStreamDBOptions<StateDefinition>, true>> = {
  streamOptions: true,
  stream: true,
  redirects: true,
  state: true,
  version: true,
  migrate: true,
  syncMode: true,
  load: true,
  live: true,
  onMissing: true,
  snapshots: true,
  createIfMissing: true,
  hydrate: true,
  storage: true,
  offline: true,
  startOnRead: true,
  actions: true,
  onEvent: true,
  onBeforeBatch: true,
  onBatch: true,
  onInvalid: true,
  onError: true,
  onConflict: true,
  history: true,
  confirmTimeout: true,
  snapshotTimeout: true,
  retry: true,
}

/** Throws `invalid-options` for what `createStreamDB` cannot use. */
export function checkOptions(options: Unchecked): void {
  checkAll('options', options, rules)
  refuseUnknownNames('options', options, Object.keys(optionNames))
  const { stream, streamOptions = stream, state, version } = options
  for (const name of Object.keys(fields(state))) {
    if (!isReservedName(name) && name !== '') continue
    const where = `the collection name options.state[${JSON.stringify(name)}]`
    throw new StreamDBError(
      'invalid-options',
      `createStreamDB: expected ${where} to be a name that is not empty and no member of a database`,
    )
  }
  checkVersion(version, options.state as StateDefinition) // it was checked
  if (options.offline === true)
    check('options.storage (with options.offline)', fields(options)['storage'], 'object')
  refuseUnknownNames('options.snapshots', fields(fields(options)['snapshots']), ['index', 'until'])
  checkLoad(options.load, options.state as StateDefinition)
  check('options.streamOptions (or options.stream)', streamOptions, 'object')
  for (const [option, known] of Object.entries({ retry: defaultTimes, onConflict: state, syncMode: state })) {
    const names = Object.keys(fields(known)).map(kindOf).join(' | ')
    const given = fields(options)[option]
    if (typeof given !== 'object') continue
    for (const name in fields(given)) check(`a name in options.${option}`, name, names)
  }
}

/** The event helpers of a state write its version: a database of another one would take their events for older ones. */
function checkVersion(version: unknown, state: StateDefinition): void {
  if (version === undefined) return
  const own = versionOf(state)
  const isOwn = own === undefined || own === version
  if (isVersion(version) && isOwn) return
  const expected = isOwn ? 'a whole number from 1' : `${own}, as createStateSchema was given`
  throw new StreamDBError(
    'invalid-options',
    `createStreamDB: expected options.version to be ${expected} but received ${kindOf(version)}`,
  )
}
