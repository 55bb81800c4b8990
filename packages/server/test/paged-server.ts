import { startScriptedServer } from '@streamdb/testkit'
import type { ScriptedReply, ScriptedRequest, ScriptedServer } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'

/** A stream as the paged server has it: each append is a page. */
interface PagedStream {
  readonly incarnation: string
  readonly appends: string[]
  isClosed: boolean
  /** Appends before this one are gone. */
  trimmed: number
}

/** A stream server unlike the reference server: it pages, stamps nothing, counts incarnations, and drops old data. */
export interface PagedServer {
  readonly url: string
  readonly streams: Map<string, PagedStream>
  readonly requests: ScriptedServer['requests']
  /** Creates a stream, or one in its place, with an append for each batch; returns its URL. */
  create(path: string, ...batches: (readonly unknown[])[]): string
  append(path: string, ...items: unknown[]): void
  /** Drops the first appends: reading before what is left is answered 410. */
  trim(path: string, appends: number): void
  /** Is asked first; answers, and returns true, or returns false. */
  intercept: (request: ScriptedRequest, reply: ScriptedReply) => boolean
}

export interface PagedServerOptions {
  /** Says `Stream-Incarnation`. Default true. */
  readonly incarnations?: boolean | undefined
}

/** Starts a server; stopped with the test. */
export async function startPagedServer({
  incarnations = true,
}: PagedServerOptions = {}): Promise<PagedServer> {
  const streams = new Map<string, PagedStream>()
  let created = 0
  const newStream = (): PagedStream => ({
    incarnation: String(++created),
    appends: [],
    isClosed: false,
    trimmed: 0,
  })
  const offsetOf = (index: number): string => String(index).padStart(8, '0')
  const textOf = (body: string): string => {
    const items: unknown = JSON.parse(body)
    return (Array.isArray(items) ? items : [items]).map((item) => JSON.stringify(item)).join(',')
  }

  function headersOf(stream: PagedStream): Record<string, string> {
    return {
      'content-type': 'application/json',
      ...(incarnations && { 'Stream-Incarnation': stream.incarnation }),
    }
  }

  function answer(request: ScriptedRequest, reply: ScriptedReply): void {
    if (server.intercept(request, reply)) return
    const { method, path, body, headers } = request
    let stream = streams.get(path)
    const closes = headers['stream-closed'] === 'true'
    if (method === 'PUT' && stream === undefined) streams.set(path, (stream = newStream()))
    if (stream === undefined) return reply.status(404)
    if (method === 'DELETE') {
      streams.delete(path)
      return reply.status(204)
    }
    if (method === 'GET') return read(stream, request, reply)
    if (method !== 'HEAD') {
      if (stream.isClosed) return reply.status(409)
      if (body !== '' && body !== '[]') stream.appends.push(textOf(body))
      if (closes) stream.isClosed = true
    }
    reply.status(method === 'PUT' ? 201 : 200, {
      headers: {
        ...headersOf(stream),
        'Stream-Next-Offset': offsetOf(stream.appends.length),
        ...(stream.isClosed && { 'Stream-Closed': 'true' }),
      },
    })
  }

  function read(stream: PagedStream, { offset = '-1' }: ScriptedRequest, reply: ScriptedReply): void {
    const end = stream.appends.length
    const at = offset === 'now' ? end : offset === '-1' ? 0 : Number(offset)
    if (at < stream.trimmed) return reply.status(410)
    const next = Math.min(end, at + 1)
    const upToDate = next === end
    reply.page({
      body: `[${stream.appends[at] ?? ''}]`,
      nextOffset: offsetOf(Math.max(next, 0)),
      upToDate,
      closed: stream.isClosed && upToDate,
      headers: headersOf(stream),
    })
  }

  const script = await startScriptedServer(answer)
  onTestFinished(() => script.close())
  const server: PagedServer = {
    url: script.url,
    streams,
    requests: script.requests,
    create(path, ...batches) {
      const stream = newStream()
      stream.appends.push(...batches.map((items) => textOf(JSON.stringify(items))))
      streams.set(path, stream)
      return `${script.url}${path}`
    },
    append: (path, ...items) => void streams.get(path)?.appends.push(textOf(JSON.stringify(items))),
    trim(path, appends) {
      const stream = streams.get(path)
      if (stream) stream.trimmed = appends
    },
    intercept: () => false,
  }
  return server
}
