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
   * The stream's URL, headers and all else that a `DurableStream` takes. Functions give headers and parameters anew for
   * each attempt, those of reading and writing alike; each function runs once at a time. Where one throws, it is asked
   * again later: until then the status is `reconnecting`, with its error as the cause.
   */
  readonly streamOptions?: DurableStreamOptions | undefined
  /**
   * A stream handle to read by instead. It keeps its own fetch, retries and header functions. Appends take its headers; they take
   * `fetch` and `params` from `streamOptions`, where those are given as well, as a handle does not give out its own.
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
   * The version of the schemas, a whole number from 1. Raise it when old rows no longer fit the new schemas: what this
   * database writes then says so (`headers.schemaVersion`), and what lacks that is of version 1. Default 1.
   */
  readonly version?: number | undefined
  /**
   * Brings the value of a row of an earlier version to the current form, before its schema sees it: rows of the log, of
   * the store and of a hydrated page alike. It is given a copy, which it may change and return, and the version that the
   * value was written for; `undefined` means that there is no such row any more. Where it throws, the event is invalid.
   */
  readonly migrate?: Migrate | undefined
  /**
   * How rows come into TanStack DB: `'eager'`, all of them, or `'on-demand'`, those that some live query needs. One for
   * all collections, or one by collection. All rows are read from the log either way. Default `'eager'`.
   */
  readonly syncMode?: SyncMode | SyncModes<Definitions> | undefined
  /**
   * Loads the newest rows of a long log first, and the rest behind them: `{ last: 500, of: 'message' }`. It takes a
   * snapshot of the log that is laid out in pages; without one, everything is loaded at once. `db.older` says what is not
   * there yet, and `db.loadOlder()` loads some of it.
   */
  readonly load?: LoadOptions | undefined
  /**
   * How to follow the stream once it is loaded: `true` by SSE, or by long-poll where SSE does not get through;
   * `'sse'`; `'long-poll'`; `false` to load it and stop. Default `true`.
   */
  readonly live?: LiveMode | undefined
  /**
   * What to do where there is no stream: `'fail'`, `'wait'` for it as for a server that cannot be reached, or `'create'`
   * it, and again where it is deleted. Default `'fail'`.
   */
  readonly onMissing?: OnMissing | undefined
  /**
   * Begin with the newest snapshot of the log, where there is one, and go on in the log from there; also when the log is
   * to be read from its beginning again. `true`, or where the index of the snapshots is. Costs one request where there is
   * none. Default `false`.
   */
  readonly snapshots?: boolean | SnapshotOptions | undefined
  /** @deprecated Use `onMissing: 'create'`. */
  readonly createIfMissing?: boolean | undefined
  /**
   * What somebody else has read: shown at once, and read on from its offset when `preload()` is called, so that a page
   * can be shown as its server has rendered it.
   */
  readonly hydrate?: DehydratedStream | undefined
  /**
   * Keeps what is read, and shows it when the page is loaded again: `indexedDBStorage()`, `fileStorage()` or
   * `memoryStorage()` of `@streamdb/persist`. Without it every database reads the log from its beginning.
   */
  readonly storage?: StreamStorage | undefined
  /**
   * Keeps what is written in `storage` before it is sent, until the log has it: it survives a reload, a crash and `close()`, and is
   * sent once, in order. `db.outbox` shows it. Needs `storage`. Default `false`.
   */
  readonly offline?: boolean | undefined
  /** Whether whoever reads a collection starts the stream. Default `true`; without it, and with `hydrate`, `preload()` does. */
  readonly startOnRead?: boolean | undefined
  /** Makes the database's actions. */
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
   * Given what a function of the application threw, and writes that failed and whose outcome nobody asked for, with the
   * write. By default the runtime reports the former, and the console, in development, the latter.
   */
  readonly onError?: ((error: StreamDBError, write?: Write) => void) | undefined
  /**
   * Told, by collection, of this client's updates that came upon a row which others had changed; may return a merged
   * row, which is written as a new update. Without it the last write wins, and nobody is told.
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
