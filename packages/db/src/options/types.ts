import type { DurableStream, DurableStreamOptions, LiveMode } from '@durable-streams/client'
import type {
  OnMissing,
  ReaderTimes,
  RedirectOptions,
  SnapshotOptions,
  StreamDBError,
  StreamStorage,
} from '@streamdb/log'
import type { ChangeEvent, Migrate, StateDefinition } from '@streamdb/state'
import type { SyncMode } from '../collections/create.ts'
import type { RowOf } from '../collections/types.ts'
import type { DehydratedStream } from '../hydration.ts'
import type { StreamBatch } from '../observe.ts'
import type { StreamDB } from '../stream-db.ts'
import type { InvalidPolicy } from '../sync/invalid-event.ts'
import type { LoadOptions } from './load.ts'
import type { ActionDefinitions, CheckedActions, defineAction } from '../writes/actions.ts'
import type { ConflictHandler } from '../writes/conflicts.ts'
import type { Write } from '../writes/write.ts'

/** Options of `createStreamDB`; either `streamOptions` or `stream` names the stream. */
export interface CreateStreamDBOptions<
  Definitions extends StateDefinition = StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
> {
  /**
   * The stream's URL, headers and all else that a `DurableStream` takes. Header and parameter functions are called for each
   * attempt to read or write; each runs once at a time. If one throws, it is called again later, and until then the status is
   * `reconnecting`, with the error as its cause.
   */
  readonly streamOptions?: DurableStreamOptions | undefined
  /**
   * A stream handle to use instead. It keeps its own fetch, retries and header functions. Appends use its headers, and take
   * `fetch` and `params` from `streamOptions`, if those are given as well, because a handle does not expose its own.
   */
  readonly stream?: DurableStream | undefined
  /**
   * Which redirects (307, 308) of the server are followed, with all headers, beside those to the stream's own origin: `{ allow:
   * ['https://node-2.example.com'] }`. Others are refused with `redirect-refused`. A handle (`stream`) reads by its own fetch:
   * give it `followRedirects({ allow })` of `@streamdb/log`.
   */
  readonly redirects?: RedirectOptions | undefined
  /** What `createStateSchema` returned. */
  readonly state: Definitions
  /**
   * The version of the schemas, a whole number from 1. Raise it when old rows no longer fit the new schemas. Events that this
   * database writes carry it (`headers.schemaVersion`); events without it have version 1. Default 1.
   */
  readonly version?: number | undefined
  /**
   * Converts the value of a row of an earlier version to the current form, before its schema validates it: for rows of the
   * log, of the store and of a hydrated page. It gets a copy, which it may change and return, and the version that the value
   * was written for. If it returns `undefined`, the row no longer exists; if it throws, the event is invalid.
   */
  readonly migrate?: Migrate | undefined
  /**
   * How rows come into TanStack DB: `'eager'`, all of them, or `'on-demand'`, those that some live query needs. One for
   * all collections, or one by collection. All rows are read from the log either way. Default `'eager'`.
   */
  readonly syncMode?: SyncMode | SyncModes<Definitions> | undefined
  /**
   * Loads the newest rows of a long log first, and the other rows afterwards: `{ last: 500, of: 'message' }`. It needs a
   * snapshot of the log that was written in pages; without one, everything is loaded at once. `db.older` describes the rows
   * that are not loaded yet, and `db.loadOlder()` loads some of them.
   */
  readonly load?: LoadOptions | undefined
  /**
   * How to follow the stream once it is loaded: `true` by SSE, or by long-poll where SSE does not get through;
   * `'sse'`; `'long-poll'`; `false` to load it and stop. Default `true`.
   */
  readonly live?: LiveMode | undefined
  /**
   * What to do if there is no stream: `'fail'`; `'wait'` for it, as for a server that cannot be reached; or `'create'` it,
   * also after it was deleted. Default `'fail'`.
   */
  readonly onMissing?: OnMissing | undefined
  /**
   * Starts from the newest snapshot of the log, if there is one, and continues in the log; also when the log has to be read
   * from its beginning again. `true`, or an object with the URL of the snapshots' index. Costs one request if there is no
   * snapshot. Default `false`.
   */
  readonly snapshots?: boolean | SnapshotOptions | undefined
  /** @deprecated Use `onMissing: 'create'`. */
  readonly createIfMissing?: boolean | undefined
  /**
   * Rows that a server has read (`dehydrate`). They are shown at once, as the server rendered them; reading continues at
   * their offset when `preload()` is called.
   */
  readonly hydrate?: DehydratedStream | undefined
  /**
   * Stores the rows that are read, and shows them when the page is loaded again: `indexedDBStorage()`, `fileStorage()` or
   * `memoryStorage()` of `@streamdb/persist`. Without it every database reads the log from its beginning.
   */
  readonly storage?: StreamStorage | undefined
  /**
   * Stores each write in `storage` before it is sent, until the log has it: it survives a reload, a crash and `close()`, and
   * is sent once, in order. `db.outbox` lists these writes. Needs `storage`. Default `false`.
   */
  readonly offline?: boolean | undefined
  /**
   * Whether reading a collection starts the stream. Default `true`. With `false`, and with `hydrate`, only `preload()` starts
   * it.
   */
  readonly startOnRead?: boolean | undefined
  /** Returns the database's actions, by name. */
  // The second part of the type is what gives parameters that are not annotated their types.
  readonly actions?:
    | ((context: ActionContext<Definitions>) => Actions & ActionDefinitions & CheckedActions<Actions>)
    | undefined
  /** Called for every valid change, in the order of the log, when it is read; its row is visible after the batch. */
  readonly onEvent?: ((event: ChangeEvent) => void) | undefined
  /**
   * Called for every batch before any of it is applied. A response of more than half a megabyte comes in several; those
   * before the last say the offset where it began.
   */
  readonly onBeforeBatch?: ((batch: StreamBatch) => void) | undefined
  /**
   * Called for every batch when its rows are visible. During the first load that is after all of it: with this option
   * the whole log is kept until then.
   */
  readonly onBatch?: ((batch: StreamBatch) => void) | undefined
  /** What to do with invalid events. Default `'skip'`: they are counted and kept in `db.issues`. */
  readonly onInvalid?: InvalidPolicy | undefined
  /**
   * Called with the error of a function of the application that threw, and with the error of a failed write whose outcome
   * nothing waits for, together with that write. By default the runtime reports the former, and, in development, the console
   * the latter.
   */
  readonly onError?: ((error: StreamDBError, write?: Write) => void) | undefined
  /**
   * Functions by collection. Each is called when an update of this client replaced a row that others had changed, and may
   * return a merged row, which is written as a new update. Without it the last write wins, without notice.
   */
  readonly onConflict?: ConflictHandlers<Definitions> | undefined
  /** Keeps this client's confirmed transactions for `db.history`: `true` for the last 100, or how many. */
  readonly history?: boolean | { readonly limit: number } | undefined
  /**
   * After how many milliseconds the log is read to its end for an acknowledged write that has not come back; a write that
   * is not there fails with `write-unknown`. 30,000 by default. Time alone fails no write.
   */
  readonly confirmTimeout?: number | undefined
  /**
   * After how many milliseconds a snapshot that does not end is reported to `onError` (`snapshot-open`): nothing behind
   * its beginning is visible. Default 60,000; `Infinity` for never.
   */
  readonly snapshotTimeout?: number | undefined
  /** How to wait and when to give up, in milliseconds. */
  readonly retry?: Partial<ReaderTimes> | undefined
}

/** How the rows of each collection come into TanStack DB; `'eager'` where it says nothing. */
export type SyncModes<Definitions extends StateDefinition> = {
  readonly [Name in keyof Definitions]?: SyncMode | undefined
}

/** Conflict handlers by collection. */
export type ConflictHandlers<Definitions extends StateDefinition> = {
  readonly [Name in keyof Definitions]?: ConflictHandler<RowOf<Definitions[Name]>> | undefined
}

/** What an action factory works with. */
export interface ActionContext<Definitions extends StateDefinition> {
  readonly db: StreamDB<Definitions>
  readonly stream: DurableStream
  /**
   * Wraps an action, so that the parameters of its `mutationFn` have the types of its `onMutate` without being annotated:
   * `add: action({ onMutate: (todo: Todo) => ..., mutationFn: async (todo) => ... })`.
   */
  readonly action: typeof defineAction
}
