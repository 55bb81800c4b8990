import type { SnapshotOptions } from '@streamdb/log'
import type { ChangeEvent, ControlEvent, Migrate, StandardSchema, StateDefinition } from '@streamdb/state'
import type { ServerAction } from '../actions/define-server-action.ts'
import type { CorsOptions } from './cors.ts'
import type { Decision } from './decision.ts'
import type { StreamOperation } from './manage-stream.ts'
import type { Rows, WriteOf } from './row-types.ts'
import type { SharedRate } from './shared-rate.ts'
import type { StampContext } from './stamp.ts'
import type { MemoryLimits } from './streams.ts'
import type { Upstream } from './upstream.ts'
import type { Principal } from './principal.ts'

/** The arguments of `authorize`: may this user write this event, right behind everything that is in the log? */
export type AuthorizeContext<State extends StateDefinition, User> = WriteOf<State> & {
  readonly user: User
  readonly stream: string
  /** The rows before the event; those of earlier events of the same request are there already. */
  readonly rows: Rows<State>
}

/** What a gateway accepts at most. */
export interface StreamHandlerLimits {
  /** The body of a request, in bytes. Default 1 MiB. */
  readonly bodyBytes: number
  /** Events of a request. Default 1,000. */
  readonly events: number
  /** Levels of arrays and objects of an event, itself included. Default 32. */
  readonly depth: number
  /** The rows of a stream together, in characters of JSON, and what their keys and headers have over 256 a row. Default 64 Mi. */
  readonly streamBytes: number
  /** Events of a principal a minute, all streams together. Default 6,000, which may be used up at once. */
  readonly eventsPerMinute: number
  /** Requests to write of a principal a minute. Default 1,200. */
  readonly requestsPerMinute: number
  /** Reads of a principal that are under way at once. Default 1,000. */
  readonly liveReads: number
  /** How long a body may take to come, in milliseconds. Default 30,000. */
  readonly bodyTimeout: number
  /** Bodies that are being read or wait, of all requests together, in bytes. Default 64 MiB. */
  readonly pendingBytes: number
  /** The same for one principal, so that slow bodies of one leave room for others. Default 16 MiB. */
  readonly principalBytes: number
  /** Requests that wait to write to one stream. Default 1,000. */
  readonly queued: number
  /** How long the stream server may take to answer, `authorize` to decide, and an action to run, in milliseconds. Default 10,000. */
  readonly timeout: number
  /** How much longer a long-poll may take, in milliseconds. Default 90,000. */
  readonly longPoll: number
}

/** What a gateway does. */
export interface StreamHandlerOptions<State extends StateDefinition, User extends Principal> {
  /** What may be written: what `createStateSchema` returned. */
  readonly state: State
  /** The URL to which the names of streams are appended, with or without a trailing slash. */
  readonly upstream: Upstream
  /** The part of a request's path before the stream's name. Default `/`. */
  readonly path?: string | undefined
  /** Returns the user of a request; `undefined` is answered with 401. It must not read the request's body. */
  readonly authenticate: (request: Request) => User | undefined | Promise<User | undefined>
  /**
   * Decides whether the user may read this stream. Called for each request, and at intervals during a live read; for a snapshot,
   * with the name of its log. Default: yes.
   */
  readonly authorizeRead?:
    | ((context: { readonly user: User; readonly stream: string; readonly request: Request }) => Decision)
    | undefined
  /**
   * The interval, in milliseconds, after which a live read is authorized again, by `authenticate` and `authorizeRead` with its first
   * request. A refused read ends behind an event, so that the client sends a new request, which is answered with the reason.
   * Default 60,000; `Infinity` for never. `handler.reauthorize()` authorizes at once.
   */
  readonly reauthorizeAfter?: number | undefined
  /** Allows all reads to everyone: `authenticate` is not called for reads, and shared caches may store answers. Default `false`. */
  readonly publicReads?: boolean | undefined
  /** Decides whether the user may write this event. Called for each event of a request, in order; one refusal refuses the request. */
  readonly authorize: (context: AuthorizeContext<State, User>) => Decision
  /** Decides whether the user may write this control event. Default: no. */
  readonly authorizeControl?:
    | ((context: { readonly event: ControlEvent; readonly user: User; readonly stream: string }) => Decision)
    | undefined
  /** Decides whether the user may create, close, delete or fork this stream. `source`: the stream to fork. Default: no. */
  readonly authorizeStream?:
    | ((context: {
        readonly user: User
        readonly stream: string
        readonly operation: StreamOperation
        readonly source?: string | undefined
      }) => Decision)
    | undefined
  /** Results of `defineServerAction`: actions that clients call by their names. Each decides itself who may call it. */
  readonly actions?: readonly ServerAction<StandardSchema, User>[] | undefined
  /** Changes an event before it is written. `headers.principal` and `headers.time` are set already, and cannot be changed. */
  readonly stamp?: ((context: StampContext<User>) => ChangeEvent) | undefined
  /** Converts values of earlier schema versions to this one, as the option of `createStreamDB`. */
  readonly migrate?: Migrate | undefined
  /** Whether the rows of a stream begin with its newest snapshot, where there is one. Default `true`. */
  readonly snapshots?: boolean | SnapshotOptions | undefined
  readonly limits?: Partial<StreamHandlerLimits> | undefined
  readonly memory?: Partial<MemoryLimits> | undefined
  /**
   * Counts writes in a store that all gateways of an application share, in addition to the limits of this process. Called once per
   * request, before the rules. If it throws or does not settle in time, the request is answered with 503, and `onError` is called.
   */
  readonly rateLimit?: SharedRate<User> | undefined
  readonly cors?: CorsOptions | undefined
  /**
   * Keeps writes of several gateways in log order, by `Stream-Seq`. Default `true`. Use `false` if other programs write with
   * `Stream-Seq`, or the stream server does not support it; then only one gateway may write to a stream.
   */
  readonly coordinate?: boolean | undefined
  /** Called with errors that no client caused: a rule that threw, a stream server that refused the gateway. */
  readonly onError?: ((error: unknown) => void) | undefined
}

export const defaultLimits: StreamHandlerLimits = {
  bodyBytes: 1024 * 1024,
  events: 1_000,
  depth: 32,
  streamBytes: 64 * 1024 * 1024,
  eventsPerMinute: 6_000,
  requestsPerMinute: 1_200,
  liveReads: 1_000,
  bodyTimeout: 30_000,
  pendingBytes: 64 * 1024 * 1024,
  principalBytes: 16 * 1024 * 1024,
  queued: 1_000,
  timeout: 10_000,
  longPoll: 90_000,
}

export const defaultReauthorizeAfter: number = 60_000

export const defaultMemory: MemoryLimits = { streams: 1_000, bytes: 256 * 1024 * 1024, idle: 600_000 }
