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

/** What `authorize` is asked: may this user write this event, right behind everything that is in the log? */
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
  /** The same of one principal: whoever sends slowly leaves room for the others. Default 16 MiB. */
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
  /** Where the streams are: the URL that their names are put behind, with a trailing slash or not. */
  readonly upstream: Upstream
  /** What of a request's path is in front of the stream's name. Default `/`. */
  readonly path?: string | undefined
  /** Says who asks; `undefined` for nobody, who is answered 401. The request's body is not to be read. */
  readonly authenticate: (request: Request) => User | undefined | Promise<User | undefined>
  /**
   * May the user read this stream? Asked for each request, and again while a live read lasts; of a snapshot, its log's name is
   * given. Default: yes.
   */
  readonly authorizeRead?:
    | ((context: { readonly user: User; readonly stream: string; readonly request: Request }) => Decision)
    | undefined
  /**
   * After how many milliseconds a live read is authorized again, by `authenticate` and `authorizeRead` with the request that it
   * began with. One that is refused is ended behind an event, so that the client asks again and is told why. Default 60,000;
   * `Infinity` for never. `handler.reauthorize()` asks at once.
   */
  readonly reauthorizeAfter?: number | undefined
  /** Everybody may read everything: `authenticate` is not asked, and shared caches may keep it. Default `false`. */
  readonly publicReads?: boolean | undefined
  /** May the user write this event? Asked for each event of a request, in order; one refusal refuses the request. */
  readonly authorize: (context: AuthorizeContext<State, User>) => Decision
  /** May the user write this control event? Default: no. */
  readonly authorizeControl?:
    | ((context: { readonly event: ControlEvent; readonly user: User; readonly stream: string }) => Decision)
    | undefined
  /** May the user create, close, delete or fork this stream? `source`: what is forked. Default: no. */
  readonly authorizeStream?:
    | ((context: {
        readonly user: User
        readonly stream: string
        readonly operation: StreamOperation
        readonly source?: string | undefined
      }) => Decision)
    | undefined
  /** What `defineServerAction` returned: actions that clients call by their names. Each decides itself who may. */
  readonly actions?: readonly ServerAction<StandardSchema, User>[] | undefined
  /** Adds to an event before it is written. `headers.principal` and `headers.time` are there, and stay. */
  readonly stamp?: ((context: StampContext<User>) => ChangeEvent) | undefined
  /** Brings values of earlier versions of the schemas to this one, as the option of `createStreamDB`. */
  readonly migrate?: Migrate | undefined
  /** Whether the rows of a stream begin with its newest snapshot, where there is one. Default `true`. */
  readonly snapshots?: boolean | SnapshotOptions | undefined
  readonly limits?: Partial<StreamHandlerLimits> | undefined
  readonly memory?: Partial<MemoryLimits> | undefined
  /**
   * Counts what is written in a store that all gateways of an application share, beside the limits of this process. Asked once for
   * a request, before it is decided about. Where it throws or does not settle in time, the request is answered 503, and `onError`
   * is told.
   */
  readonly rateLimit?: SharedRate<User> | undefined
  readonly cors?: CorsOptions | undefined
  /**
   * Keeps writes in log order among several gateways, by `Stream-Seq`. Default `true`; `false` where something else writes with
   * `Stream-Seq`, or the stream server has no such header: then one gateway a stream.
   */
  readonly coordinate?: boolean | undefined
  /** Told of what is no fault of a client: a rule that threw, a stream server that refused the gateway. */
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
