import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createStateSchema } from '@streamdb/db'
import type { StreamDBError } from '@streamdb/db'
import { itemsOf, startFaultProxy } from '@streamdb/testkit'
import type { FaultProxy } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { createStreamHandler } from '../src/index.ts'
import type { StreamHandler, StreamHandlerOptions } from '../src/index.ts'
import { toNodeListener } from '../src/node/index.ts'
import { kit } from './logs.ts'
import { openAs } from './open-as.ts'

export const state = createStateSchema({
  notes: {
    schema: z.object({ id: z.string(), text: z.string().min(1), author: z.string().optional() }),
    type: 'note',
    primaryKey: 'id',
  },
  members: {
    schema: z.object({ id: z.string(), role: z.enum(['owner', 'member']) }),
    type: 'member',
    primaryKey: 'id',
  },
})

export type State = typeof state

export interface User {
  readonly id: string
}

/** Who asks is said by a header, as a token would. */
export function authenticate(request: Request): User | undefined {
  const id = request.headers.get('authorization')?.replace('Bearer ', '')
  return id === undefined ? undefined : { id }
}

export type GatewayOptions = Partial<StreamHandlerOptions<State, User>> & {
  /** Between the gateway and the stream server. */
  readonly proxied?: boolean
  /** The upstream's folder: streams of two gateways are the same then. */
  readonly folder?: string
  /** Of the gateway's requests. */
  readonly fetch?: typeof fetch
}

export interface TestGateway {
  /** Of the streams, as clients name them. */
  readonly url: string
  /** Of the streams on the stream server. */
  readonly direct: string
  readonly handler: StreamHandler
  /** Between the gateway and the stream server, where `proxied`. */
  readonly proxy: FaultProxy
  readonly errors: unknown[]
  /** Creates a stream upstream, and returns its URL at the gateway. */
  create(name: string): Promise<string>
  /** Appends upstream, past the gateway. */
  append(name: string, ...events: unknown[]): Promise<void>
  /** What the stream holds upstream. */
  events(name: string): Promise<StoredEvent[]>
  /** Sends events to the gateway. */
  post(name: string, events: unknown, options?: PostOptions): Promise<Answer>
}

export interface StoredEvent {
  readonly type: string
  readonly key: string
  readonly value?: Record<string, unknown>
  readonly old_value?: unknown
  readonly headers: Record<string, unknown>
}

export interface PostOptions {
  readonly user?: string
  readonly producer?: readonly [id: string, epoch: number, seq: number]
  readonly headers?: Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly error:
    | {
        readonly code: string
        readonly message: string
        readonly path?: string
        readonly index?: number
        readonly txid?: string
      }
    | undefined
}

let folders = 0

/** Starts a gateway to the real stream server, in a server of Node on loopback. */
export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const streams = await kit()
  const { folder = `/gateway/${++folders}`, proxied = false, fetch: own, ...given } = options
  const direct = `${streams.url}${folder}`
  const proxy = await startFaultProxy(streams.url)
  const errors: unknown[] = []
  const handler = createStreamHandler<State, User>({
    ...{ state, authenticate, path: '/streams/', onError: (error) => errors.push(error) },
    upstream: { url: proxied ? proxy.through(direct) : direct, fetch: own },
    authorize: () => true,
    ...given,
  })
  const url = await serve(handler)
  onTestFinished(() => proxy.close())
  return {
    ...{ url: `${url}/streams`, direct, handler, proxy, errors },
    async create(name) {
      await fetch(`${direct}/${name}`, { method: 'PUT', headers: { 'content-type': 'application/json' } })
      return `${url}/streams/${name}`
    },
    async append(name, ...events) {
      await streams.appendItems(`${direct}/${name}`, events)
    },
    async events(name) {
      const response = await fetch(`${direct}/${name}?offset=-1`)
      return itemsOf<StoredEvent>(response) // what tests have appended
    },
    post: (name, events, more) => post(`${url}/streams/${name}`, events, more),
  }
}

/** Serves a handler on loopback; returns its origin. */
export async function serve(handler: StreamHandler): Promise<string> {
  const server = createServer(toNodeListener(handler))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    handler.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

export async function post(url: string, events: unknown, options: PostOptions = {}): Promise<Answer> {
  const { user = 'ada', producer, headers } = options
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${user}`, 'content-type': 'application/json' },
      ...(producer && {
        'producer-id': producer[0],
        'producer-epoch': String(producer[1]),
        'producer-seq': String(producer[2]),
      }),
      ...headers,
    },
    body: typeof events === 'string' ? events : JSON.stringify(events),
  })
  const text = await response.text()
  const body = text === '' ? {} : (JSON.parse(text) as Partial<Answer>) // of a refusal
  return { status: response.status, headers: response.headers, error: body.error }
}

/** An event that writes a note. */
export function note(id: string, text = `text of ${id}`, headers: object = {}): unknown {
  return { type: 'note', key: id, value: { id, text }, headers: { operation: 'upsert', ...headers } }
}

/** A database that reads and writes through a gateway. */
export function open(url: string, user = 'ada', more: object = {}) {
  return openAs(user, { url, state, ...more })
}

/** Returns what a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<StreamDBError> {
  return promise.then(
    () => Promise.reject(new Error('expected a rejection')),
    (error: StreamDBError) => error,
  )
}
