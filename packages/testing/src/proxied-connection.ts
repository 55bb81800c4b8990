import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CutBy, Fault, ProxiedRequest } from './fault.ts'
import { readHead, toRequest, type HttpHead } from './http-head.ts'

/** What a connection asks of its proxy. */
export interface ProxyRoute {
  readonly host: string
  readonly port: number
  /** The last complete response to a GET of each path, for `replay`. */
  readonly responses: Map<string, Buffer>
  /** Called for each request; returns its fault. */
  faultFor(request: ProxiedRequest): Fault | undefined
}

/** One client connection through the proxy: it carries one request and its response, with what befalls them. */
export class ProxiedConnection {
  readonly #client: Socket
  readonly #route: ProxyRoute
  readonly #over = new AbortController()
  #upstream: Socket | undefined
  #frozen = false

  constructor(client: Socket, route: ProxyRoute) {
    this.#client = client
    this.#route = route
    // A client that goes away is an ordinary thing here; 'close' follows.
    client.on('error', ignore)
    client.once('close', () => this.#finish())
    this.#carry().catch(() => {
      // The server is not there, or went away in mid response: so does the proxy, unless it is over already.
      if (!this.#over.signal.aborted && !this.#frozen) this.cut('rst')
    })
  }

  cut(by: CutBy = 'fin'): void {
    this.#finish()
    this.#client.unpipe()
    // A socket that has sent its FIN cannot be reset: Node reports EINVAL, and leaves it open.
    if (by === 'rst' && this.#client.writableEnded) this.#client.destroy()
    else if (by === 'rst') this.#client.resetAndDestroy()
    // Unread bytes of the client would turn the FIN into an RST.
    else this.#client.end().resume()
  }

  /** Stops carrying bytes, for ever, and leaves both ends open. */
  freeze(): void {
    this.#frozen = true
  }

  #finish(): void {
    this.#over.abort()
    this.#upstream?.destroy()
  }

  async #carry(): Promise<void> {
    const head = await readHead(this.#client)
    if (head === undefined) return
    const request = toRequest(head)
    const fault = this.#route.faultFor(request)
    const recorded = fault?.kind === 'replay' ? this.#route.responses.get(request.url.pathname) : undefined
    if (recorded !== undefined) return this.#answer(recorded)
    if (fault?.kind === 'answer') return this.#answer(toResponse(fault))
    if (fault?.kind === 'drop') return this.cut(fault.by)
    if (fault?.kind === 'blackhole') return void this.#client.resume()

    const whole = fault?.kind === 'duplicate' ? await this.#wholeRequest(head) : undefined
    if (whole !== undefined) {
      // The first response is read to its end, so that the server has done what it asks for.
      for await (const _ of this.#connect(whole) as AsyncIterable<Buffer>);
      return this.#respond(this.#connect(whole), request, fault)
    }
    const server = this.#connect(Buffer.concat([head.closing, head.rest]))
    this.#client.pipe(server, { end: false })
    await this.#respond(server, request, fault)
  }

  #connect(bytes: Buffer): Socket {
    const server = connect(this.#route.port, this.#route.host).on('error', ignore)
    this.#upstream = server
    server.write(bytes)
    return server
  }

  /** Reads the body to its end, where the head says how long it is. */
  async #wholeRequest({ headers, closing, rest }: HttpHead): Promise<Buffer | undefined> {
    if (headers.has('transfer-encoding')) return undefined
    let left = Number(headers.get('content-length') ?? 0) - rest.length
    const parts = [closing, rest]
    while (left > 0) {
      const part = await nextPart(this.#client, this.#over.signal)
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }

  async #respond(server: Socket, request: ProxiedRequest, fault: Fault | undefined): Promise<void> {
    const head = await readHead(server)
    if (head === undefined) throw new Error('The server closed the connection before it answered')
    if (fault?.kind === 'cut' && fault.after === 'nothing') return this.cut(fault.by)
    if (fault?.kind === 'delay') await sleep(fault.ms, undefined, { signal: this.#over.signal })
    await this.#send(head.closing)
    // A live response has no end that could be recorded.
    const recording = request.method === 'GET' && !head.headers.get('content-type')?.includes('event-stream')
    const sent = [head.closing]
    let left = fault?.kind === 'cut' && fault.after !== 'nothing' ? fault.after : Infinity
    for await (const chunk of bodyOf(server, head)) {
      await this.#sendPart(chunk.subarray(0, left), fault)
      left -= chunk.length
      if (left <= 0 && fault?.kind === 'cut') return this.cut(fault.by)
      if (recording) sent.push(chunk)
    }
    if (recording) this.#route.responses.set(request.url.pathname, Buffer.concat(sent))
    if (!this.#frozen) this.#client.end()
  }

  #answer(response: string | Buffer): void {
    this.#client.end(response)
    this.#client.resume()
  }

  async #sendPart(part: Buffer, fault: Fault | undefined): Promise<void> {
    if (fault?.kind !== 'throttle') return this.#send(part)
    const { bytes = 1, everyMs = 10 } = fault
    for (let start = 0; start < part.length; start += bytes) {
      await sleep(everyMs, undefined, { signal: this.#over.signal })
      await this.#send(part.subarray(start, start + bytes))
    }
  }

  async #send(bytes: Buffer): Promise<void> {
    this.#over.signal.throwIfAborted()
    if (this.#frozen || bytes.length === 0) return
    await new Promise<void>((resolve, reject) => {
      this.#client.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  }
}

/** Reads what arrives next, and leaves the socket paused. */
async function nextPart(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const arrived = once(socket, 'data', { signal })
  socket.resume()
  const [part] = (await arrived) as [Buffer] // a socket without an encoding gives buffers
  socket.pause()
  return part
}

async function* bodyOf(server: Socket, head: HttpHead): AsyncGenerator<Buffer, void, undefined> {
  yield head.rest
  // A socket without an encoding yields buffers.
  yield* server as AsyncIterable<Buffer>
}

function toResponse({ status = 200, headers = {}, body = '' }: Extract<Fault, { kind: 'answer' }>): string {
  const all = { 'Content-Length': String(Buffer.byteLength(body)), ...headers, Connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} Scripted`, ...lines, '', body].join('\r\n')
}

function ignore(): void {}
