import { StreamDBError } from './errors.ts'

/** How much of a server's own words goes into a message, in characters. */
const WORDS_LIMIT = 300
/** How much of an error's body is read at most, in bytes. */
const BODY_LIMIT = 64 * 1024
/** The longest pause that `Retry-After` is obeyed for, in milliseconds. */
const RETRY_AFTER_LIMIT = 10 * 60_000

/** An answer that is no success. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly headers: Headers
  /** The body: parsed, where it is JSON. */
  readonly body: unknown
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfter: number | undefined

  constructor(status: number, statusText: string, headers: Headers, text: string) {
    const body = parseBody(text)
    const words = serverWords(body)
    super(`the server answered ${`${status} ${statusText}`.trim()}${words === undefined ? '' : `: ${words}`}`)
    this.status = status
    this.headers = headers
    this.body = body
    this.retryAfter = parseRetryAfter(headers)
  }
}

/** The request did not reach the server, or the answer broke off. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  constructor(cause: unknown) {
    super(reasonOf(cause), { cause })
  }
}

/** Returns why a request failed. Node's own words are `fetch failed` and `terminated`, and the reason is their cause's. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { message, cause: inner } = cause
  if (!(inner instanceof Error) || inner instanceof StreamDBError) return message
  const { code } = inner as { code?: unknown } // of an error of the system
  // Several addresses that all refuse have a code, and no message.
  const reason = inner.message === '' && typeof code === 'string' ? code : inner.message
  return reason === '' || message.includes(reason) ? message : `${message} (${reason})`
}

/** Returns an answer that is no success as an error, with as much of its body as can be read. */
export async function toHttpError(response: Response): Promise<HttpError> {
  const { status, statusText, headers } = response
  return new HttpError(status, statusText, headers, await readSomeText(response).catch(() => ''))
}

/** Reads the body of an answer that should be short: so many bytes of it at most, about; the rest is cancelled. */
export async function readSomeText(response: Response, limit: number = BODY_LIMIT): Promise<string> {
  const { body } = response
  // React Native gives no stream.
  if (!body) return (await response.text()).slice(0, limit)
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let size = 0; size < limit;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    text += decoder.decode(value, { stream: true })
  }
  // The rest is of no interest; the connection ends with it.
  void reader.cancel().catch(() => undefined)
  return text
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text === '' ? undefined : text
  }
}

/** Returns the server's description of an error, in a bounded length: JSON's `error` or `message`, or the text. */
export function serverWords(body: unknown): string | undefined {
  const words = wordsOf(body)?.replace(/\s+/g, ' ').trim()
  if (words === undefined || words === '') return undefined
  // Markup tells people nothing.
  if (/^<(!doctype|html|\?xml|[a-z])/i.test(words)) return '(a page of HTML)'
  return words.length > WORDS_LIMIT ? `${words.slice(0, WORDS_LIMIT)}...` : words
}

function wordsOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null) return undefined
  const { error, message, detail, title } = body as Record<string, unknown> // an object, as just checked
  for (const each of [message, error, detail, title]) {
    if (typeof each === 'string') return each
    const inner = (each as { message?: unknown } | null | undefined)?.message // `undefined` of whatever else it is
    if (typeof inner === 'string') return inner
  }
  return undefined
}

/** Whether an HTTP status says that another attempt may fare better. */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

/** Returns what an HTTP status means to readers and writers alike; nothing where it means something else to each. */
export function codeOf(status: number): 'unauthorized' | 'stream-not-found' | undefined {
  if (status === 401 || status === 403) return 'unauthorized'
  return status === 404 || status === 410 ? 'stream-not-found' : undefined
}

/** Returns the pause that `Retry-After` asks for, in milliseconds: whole seconds or a date; nothing for all else. */
export function parseRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (!text) return undefined
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : // By the server's own clock, where it says what it is: ours may be wrong.
      Date.parse(text) - (Date.parse(headers.get('date') ?? '') || Date.now())
  return ms > 0 ? Math.min(ms, RETRY_AFTER_LIMIT) : undefined
}

/** Returns the HTTP status that an error of ours or of the client carries. */
export function statusOf(error: unknown): number | undefined {
  const { status } = Object(error) as { status?: unknown } // looked at, whatever it is
  return typeof status === 'number' ? status : undefined
}
