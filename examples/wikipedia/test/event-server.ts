import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** A server of events on loopback, as Wikimedia's: with ids, resumed by `Last-Event-ID`. */
export interface EventServer {
  readonly url: string
  /** The headers of each request. */
  readonly requests: IncomingHttpHeaders[]
}

export interface EventServerOptions {
  /** The data of each event; its id is its number from 1, in the form of Wikimedia's. */
  readonly events: readonly string[]
  /** The connections that are cut, one after the other: behind so many events, in the middle of the next. */
  readonly cuts?: readonly number[] | undefined
  /** The answers to the first requests, before any event is sent. */
  readonly refusals?: readonly number[] | undefined
}

/** Starts a server of events, for as long as the test runs. A connection that is not cut stays open. */
export async function startEventServer({
  events,
  cuts = [],
  refusals = [],
}: EventServerOptions): Promise<EventServer> {
  const requests: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    requests.push(request.headers)
    const refusal = refusals[requests.length - 1]
    if (refusal !== undefined) {
      response.writeHead(refusal, { 'content-type': 'text/plain' }).end('Not now')
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    // As Wikimedia's server does: a comment first, so that a proxy passes on the head.
    response.write(':ok\n\n')
    const last = request.headers['last-event-id']
    const first = last === undefined ? 0 : numberOf(String(last))
    send(response, first, cuts[requests.length - 1 - refusals.length])
  })

  function send(response: ServerResponse, first: number, cut: number | undefined): void {
    const end = cut === undefined ? events.length : Math.min(events.length, first + cut)
    const text = events
      .slice(first, end)
      .map((data, index) => eventText(data, first + index + 1))
      .join('')
    // In odd pieces, so that lines, and letters of several bytes, come in two.
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 1_013) response.write(bytes.subarray(at, at + 1_013))
    const next = events[end]
    if (cut === undefined || next === undefined) return
    const half = Buffer.from(eventText(next, end + 1))
    response.write(half.subarray(0, Math.floor(half.length / 2)), () => response.destroy())
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/recentchange`,
    requests,
  }
}

function eventText(data: string, number: number): string {
  return `event: message\nid: ${idOf(number)}\ndata: ${data}\n\n`
}

function idOf(number: number): string {
  return JSON.stringify([{ topic: 'eqiad.mediawiki.recentchange', partition: 0, offset: number }])
}

function numberOf(id: string): number {
  const [position] = JSON.parse(id) as [{ offset: number }] // `idOf` made it.
  return position.offset
}
